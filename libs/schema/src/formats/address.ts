import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';

const LABELS = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.(?!$)|$))+$/;
const ATOMS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const QUOTED = /^"(?:[ !#-[\]-~]|\\[ -~])*"$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const USER = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*$/;
const NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;
const FUTURE_IP = /^v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/i;
/** `ucschar` of RFC 3987. */
const BEYOND_ASCII = /[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\u{10000}-\u{efffd}]/gu;

/** `hostname`: RFC 1123, and RFC 5890 as far as the platform decodes `xn--` labels. */
export function isHostname(text: string): boolean {
  if (text.length > 253 || !LABELS.test(text)) return false;
  return !text.includes('--') || text.split('.').every((label) => label.slice(2, 4) !== '--' || isEncoded(label));
}

function isEncoded(label: string): boolean {
  return /^xn--/i.test(label) && domainToUnicode(label) !== '';
}

/** `idn-hostname`: what the platform can turn into a hostname. */
export function isIdnHostname(text: string): boolean {
  if (text === '' || text.length > 1000) return false;
  const ascii = domainToASCII(text);
  return ascii !== '' && isHostname(ascii);
}

/** `email`: a mailbox of RFC 5321, quoted local parts and address literals included. */
export function isEmail(text: string): boolean {
  return isMailbox(text, isHostname);
}

/** `idn-email`: RFC 6531. */
export function isIdnEmail(text: string): boolean {
  return text.length <= 1000 && isMailbox(text.replace(/[\u0080-\u{10ffff}]/gu, 'x'), isHostname);
}

function isMailbox(text: string, isHost: (host: string) => boolean): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64) return false;
  const [local, host] = [text.slice(0, at), text.slice(at + 1)];
  if (!ATOMS.test(local) && !QUOTED.test(local)) return false;
  if (!host.startsWith('[')) return isHost(host);
  const literal = host.endsWith(']') ? host.slice(1, -1) : '';
  return isIPv4(literal) || (/^IPv6:/i.test(literal) && isIPv6(literal.slice(5)));
}

/** `uri`: RFC 3986, with its scheme. */
export function isUri(text: string): boolean {
  return SCHEME.test(text) && isReference(text);
}

/** `uri-reference`: a URI or a relative reference of RFC 3986. */
export function isUriReference(text: string): boolean {
  return isReference(text);
}

/** `iri` of RFC 3987. */
export function isIri(text: string): boolean {
  return isUri(inAscii(text));
}

/** `iri-reference` of RFC 3987. */
export function isIriReference(text: string): boolean {
  return isReference(inAscii(text));
}

/** Private characters may stand in a query only. */
function inAscii(iri: string): string {
  return iri
    .replace(BEYOND_ASCII, 'x')
    .replace(/\?[^#]*/, (query) => query.replace(/[\ue000-\uf8ff\u{f0000}-\u{10fffd}]/gu, 'x'));
}

/** `url`: a URI of the web or of file transfer. */
export function isUrl(text: string): boolean {
  return /^(?:https?|ftp):\/\/[^/?#]/i.test(text) && isUri(text);
}

function isReference(text: string): boolean {
  const [beforeFragment, fragment] = cut(text, '#');
  const [beforeQuery, query] = cut(beforeFragment, '?');
  if (!QUERY.test(query) || !QUERY.test(fragment)) return false;
  const scheme = SCHEME.exec(beforeQuery);
  const rest = beforeQuery.slice(scheme?.[0].length ?? 0);
  // Without a scheme a colon in the first segment would read as one.
  if (scheme === null && (rest.split('/', 1)[0] ?? '').includes(':')) return false;
  if (!rest.startsWith('//')) return PATH.test(rest);
  const slash = rest.indexOf('/', 2);
  const end = slash < 0 ? rest.length : slash;
  return isAuthority(rest.slice(2, end)) && PATH.test(rest.slice(end));
}

function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function isAuthority(text: string): boolean {
  const at = text.indexOf('@');
  if (at >= 0 && !USER.test(text.slice(0, at))) return false;
  const server = text.slice(at + 1);
  if (!server.startsWith('[')) {
    const colon = server.indexOf(':');
    return NAME.test(colon < 0 ? server : server.slice(0, colon)) && (colon < 0 || /^\d*$/.test(server.slice(colon + 1)));
  }
  const end = server.indexOf(']');
  const literal = server.slice(1, end);
  return end > 0 && /^(?::\d*)?$/.test(server.slice(end + 1)) && (FUTURE_IP.test(literal) || isPlainIpv6(literal));
}

/** `ipv6`: RFC 4291, without a zone. */
export function isPlainIpv6(text: string): boolean {
  return !text.includes('%') && isIPv6(text);
}

/** `ipv4`: dotted decimals without leading zeros. */
export function isPlainIpv4(text: string): boolean {
  return isIPv4(text);
}
