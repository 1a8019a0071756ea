import type { KeyDescription, KeyPurpose, Kid, SignatureAlgorithm } from '#envelope';
import type { TokenPlace } from './token.js';

/** What the helper process is asked. The first request opens the token; the PIN travels in it and nowhere else. */
export type TokenRequest =
  | { readonly op: 'open'; readonly place: TokenPlace; readonly pin: Uint8Array }
  | { readonly op: 'keys'; readonly purpose: KeyPurpose }
  | { readonly op: 'create'; readonly purpose: KeyPurpose; readonly alg: SignatureAlgorithm; readonly now: Date }
  | { readonly op: 'sign'; readonly kid: Kid; readonly messages: readonly Uint8Array[] };

/** A request with the number that its answer carries. */
export type Numbered = TokenRequest & { readonly id: number };

/** What the helper process answers. `refused`: the PIN; `absent`: the key; `failed`: anything else, after which the process ends. */
export type TokenAnswer = { readonly id: number } & (
  | { readonly ok: true; readonly keys?: readonly KeyDescription[]; readonly signatures?: readonly Uint8Array[] }
  | { readonly ok: false; readonly why: 'refused' | 'absent' | 'failed'; readonly detail: string }
);
