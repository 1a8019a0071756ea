/** A media type and its charset, in lower case. */
export interface MediaType {
  readonly essence: string;
  readonly charset?: string;
}

const MEDIA_TYPE = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(;.*)?$/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)"?/i;

/** Reads a `Content-Type` header, or undefined where there is none that can be read. */
export function readMediaType(header: string | undefined): MediaType | undefined {
  const parts = MEDIA_TYPE.exec(header ?? '');
  const essence = parts?.[1]?.toLowerCase();
  if (essence === undefined) return undefined;
  const charset = CHARSET.exec(parts?.[2] ?? '')?.[1]?.toLowerCase();
  return charset === undefined ? { essence } : { essence, charset };
}
