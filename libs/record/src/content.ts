import type { Brand } from './names.js';

/** `urn:khidi:content:sha-256:<base64url>`: bytes by what they are. It says nothing of where they lie, so nobody can be sent anywhere by one. */
export type ContentUrn = Brand<string, 'ContentUrn'>;

/** How a record names bytes that are too large for it: the member `dataref` (CloudEvents' claim check), their length, and what they are. */
export interface ContentReference {
  readonly dataref: ContentUrn;
  /** In bytes. */
  readonly size: number;
  /** `application/pdf`, in lower case, without parameters. */
  readonly mediaType: string;
}

/** What every dataref begins with. */
export const CONTENT_PREFIX = 'urn:khidi:content:';
/** How many contents one record may name. */
export const MOST_REFERENCES = 100;

const URN = /^urn:khidi:content:sha-256:([A-Za-z0-9_-]{43})$/;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;
const MEMBERS = 3;

/** The URN of a SHA-256 digest of 32 bytes. */
export const contentUrnOf = (digest: Buffer): ContentUrn =>
  `${CONTENT_PREFIX}sha-256:${digest.toString('base64url')}` as ContentUrn;

/** The URN that a text is, or undefined; of the several spellings that base64url leaves open only one counts. */
export function contentUrn(text: string): ContentUrn | undefined {
  const digest = Buffer.from(URN.exec(text)?.[1] ?? '', 'base64url');
  return digest.length === 32 && contentUrnOf(digest) === text ? (text as ContentUrn) : undefined;
}

/** The SHA-256 digest in a URN, 32 bytes. */
export const digestIn = (urn: ContentUrn): Buffer => Buffer.from(URN.exec(urn)?.[1] ?? '', 'base64url');

/** The media type as a reference may carry it, or undefined. */
export const referredMediaType = (text: string): string | undefined => (MEDIA_TYPE.test(text) ? text : undefined);

/** The reference that a value is, or undefined where anything in it is missing, unknown or malformed. */
export function readContentReference(value: unknown): ContentReference | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== MEMBERS) return undefined;
  const { dataref, size, mediaType } = value as Readonly<Record<string, unknown>>;
  const fits = typeof dataref === 'string' && contentUrn(dataref) !== undefined;
  if (!fits || typeof mediaType !== 'string' || referredMediaType(mediaType) === undefined) return undefined;
  return Number.isSafeInteger(size) && Number(size) > 0 ? (value as ContentReference) : undefined;
}

/** A place in a record that names a content; without `reference` it does so in a malformed way. */
export interface NamedContent {
  /** The members and indexes that lead to it. */
  readonly path: readonly string[];
  readonly reference?: ContentReference;
}

/**
 * Every object in a record whose `dataref` begins like one of ours, wherever it stands. Other datarefs are the agency's own business: nobody
 * here looks at them. Reads a value as strict parsing gives it, whose depth is bounded.
 */
export function contentsNamedIn(record: unknown): readonly NamedContent[] {
  const found: NamedContent[] = [];
  const look = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    const { dataref } = value as { readonly dataref?: unknown };
    if (!Array.isArray(value) && typeof dataref === 'string' && dataref.startsWith(CONTENT_PREFIX)) {
      const reference = readContentReference(value);
      found.push({ path, ...(reference === undefined ? {} : { reference }) });
    }
    for (const [name, member] of Object.entries(value)) look(member, [...path, name]);
  };
  look(record, []);
  return found;
}
