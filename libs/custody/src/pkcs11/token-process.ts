import type { Numbered, TokenAnswer } from './messages.js';
import { Token } from './token.js';

/**
 * The helper process that holds a PKCS #11 token: the vendor's library runs here, so that neither its crash nor its waiting is
 * one of the service. It answers requests of its parent in order and ends with it. After any failure it ends, and the parent starts
 * another one, since no library says reliably what is left of a session.
 */
let token: Token | undefined;

function answer(request: Numbered): TokenAnswer {
  const { id } = request;
  if (request.op === 'open') {
    const pin = Buffer.from(request.pin);
    try {
      token = Token.open(request.place, pin);
    } finally {
      pin.fill(0);
    }
    return { id, ok: true };
  }
  if (token === undefined) return { id, ok: false, why: 'failed', detail: 'the token is not open' };
  switch (request.op) {
    case 'keys':
      return { id, ok: true, keys: token.keys(request.purpose) };
    case 'create':
      return { id, ok: true, keys: [token.create(request.purpose, request.alg, request.now)] };
    case 'sign': {
      const signatures: Buffer[] = [];
      for (const message of request.messages) {
        const signature = token.sign(request.kid, message);
        if (signature === undefined) return { id, ok: false, why: 'absent', detail: request.kid };
        signatures.push(signature);
      }
      return { id, ok: true, signatures };
    }
  }
}

const PIN_ERRORS = [0xa0, 0xa1, 0xa3, 0xa4];

function failure(id: number, error: unknown): TokenAnswer {
  const returned = typeof error === 'object' && error !== null && 'returned' in error ? Number(error.returned) : 0;
  const detail = error instanceof Error ? error.message : 'an unknown error';
  return { id, ok: false, why: PIN_ERRORS.includes(returned) ? 'refused' : 'failed', detail };
}

process.on('message', (request: Numbered) => {
  try {
    process.send?.(answer(request));
  } catch (error) {
    process.send?.(failure(request.id, error), () => process.exit(1));
  }
});
process.on('disconnect', () => process.exit(0));
