const LITERAL = /^(?:[!#$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~\u{a0}-\u{10ffff}]|%[0-9A-Fa-f]{2})*$/u;
const NAME = /^(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*$/;
const VARIABLE = /(?::[1-9][0-9]{0,3}|\*)?$/;

/** `uri-template`: RFC 6570, all four levels. */
export function isUriTemplate(text: string): boolean {
  let rest = text;
  for (let open = rest.indexOf('{'); open >= 0; open = rest.indexOf('{')) {
    const close = rest.indexOf('}', open);
    if (close < 0 || !LITERAL.test(rest.slice(0, open)) || !isExpression(rest.slice(open + 1, close))) return false;
    rest = rest.slice(close + 1);
  }
  return LITERAL.test(rest);
}

function isExpression(text: string): boolean {
  return text
    .replace(/^[+#./;?&=,!@|]/, '')
    .split(',')
    .every((variable) => NAME.test(variable.replace(VARIABLE, '')));
}
