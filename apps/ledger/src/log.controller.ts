import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ProblemException } from '#http';
import { LEAF_QUERY, readLeafQuery } from './index/read-leaf-query.js';
import { LogReader } from './log-reader.js';

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The log as C2SP tlog-tiles serves it, and two questions that save a reader the tiles. Nothing in it is a secret. */
@Controller()
export class LogController {
  constructor(@Inject(LogReader) private readonly reader: LogReader) {}

  /** The checkpoint that was signed last, a signed note. */
  @Get('checkpoint')
  checkpoint(@Res() response: ServerResponse): void {
    answer(response, 'text/plain; charset=utf-8', this.reader.checkpoint(), 'no-cache');
  }

  /** The newest checkpoint that a quorum of witnesses has cosigned. */
  @Get('checkpoint/cosigned')
  cosigned(@Res() response: ServerResponse): void {
    const note = this.reader.cosigned();
    if (note === undefined) throw new ProblemException('LOG_NOT_COSIGNED');
    answer(response, 'text/plain; charset=utf-8', note, 'no-cache');
  }

  /** A tile of hashes or a bundle of entries. */
  @Get('tile/*path')
  async tile(@Param('path') path: string | readonly string[], @Res() response: ServerResponse): Promise<void> {
    const name = `tile/${typeof path === 'string' ? path : path.join('/')}`;
    const bytes = await this.reader.tile(name);
    if (bytes === undefined) throw new ProblemException('LOG_TILE_UNKNOWN');
    answer(response, 'application/octet-stream', bytes, IMMUTABLE);
  }

  /** What a verifier must know beforehand: the log's name and its verifier key (C2SP signed-note). */
  @Get('v1/log')
  log(@Res() response: ServerResponse): void {
    answer(response, 'application/json', JSON.stringify({ ...this.reader.names(), size: this.reader.size() }), 'no-cache');
  }

  /** Where the leaf of an exchange stands, and its entry. */
  @Get('v1/leaf')
  async leaf(@Query() query: Readonly<Record<string, unknown>>, @Res() response: ServerResponse): Promise<void> {
    const index = await this.indexOf(query);
    const { entry, size } = await this.reader.leaf(index);
    answer(response, 'application/json', JSON.stringify({ index, size, entry: entry.toString('utf8') }), 'no-cache');
  }

  /** Leaves by kind, type, member, exchange, fault and time, from the SQL index; `next` is where the answer would go on. */
  @Get('v1/leaves')
  async leaves(@Query() query: Readonly<Record<string, unknown>>, @Res() response: ServerResponse): Promise<void> {
    const asked = readLeafQuery(query) ?? malformed(LEAF_QUERY);
    const { leaves, indexed } = await this.reader.search(asked);
    const last = leaves.length < asked.limit ? undefined : leaves.at(-1);
    const body = { leaves, indexed, size: this.reader.size(), ...(last === undefined ? {} : { next: last.index + 1 }) };
    answer(response, 'application/json', JSON.stringify(body), 'no-cache');
  }

  /** The proof that an exchange is in the log: C2SP tlog-proof against the newest cosigned checkpoint that covers it, otherwise the newest. */
  @Get('v1/proof')
  async proof(@Query() query: Readonly<Record<string, unknown>>, @Res() response: ServerResponse): Promise<void> {
    const proof = await this.reader.proof(await this.indexOf(query));
    answer(response, 'text/plain; charset=utf-8', proof, 'no-cache');
  }

  /** The proof against a time-stamped checkpoint, and the time-stamp in base64. */
  @Get('v1/timestamp')
  async timestamp(@Query() query: Readonly<Record<string, unknown>>, @Res() response: ServerResponse): Promise<void> {
    const stamped = await this.reader.stampedProof(await this.indexOf(query));
    if (stamped === undefined) throw new ProblemException('LOG_NOT_COSIGNED');
    answer(response, 'application/json', JSON.stringify(stamped), 'no-cache');
  }

  /** A signed receipt for whoever sent the record, or for a refusal. */
  @Get('v1/receipt')
  async receipt(@Query() query: Readonly<Record<string, unknown>>, @Res() response: ServerResponse): Promise<void> {
    answer(response, 'application/jose', await this.reader.receipt(await this.indexOf(query)), 'no-cache');
  }

  /** The log's key and the witnesses, for verifiers. */
  @Get('v1/policy')
  policy(@Res() response: ServerResponse): void {
    answer(response, 'text/plain; charset=utf-8', this.reader.policy(), 'no-cache');
  }

  /** The keys that verify receipts. */
  @Get('.well-known/jwks.json')
  keySet(@Res() response: ServerResponse): void {
    answer(response, 'application/jwk-set+json', this.reader.keySet(), 'public, max-age=300, must-revalidate');
  }

  /** `index`, or `iss` and `jti` of an envelope, or `kind` and `id` of any leaf. */
  private async indexOf({ index, iss, jti, kind, id }: Readonly<Record<string, unknown>>): Promise<number> {
    if (typeof index === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(index)) return this.within(Number(index));
    const named =
      typeof iss === 'string' && typeof jti === 'string'
        ? await this.reader.find('record', `${iss}|${jti}`)
        : typeof kind === 'string' && typeof id === 'string'
          ? await this.reader.find(kind, id)
          : malformed('index, or iss and jti, or kind and id');
    return this.within(named);
  }

  private within(index: number | undefined): number {
    if (index === undefined || index >= this.reader.size()) throw new ProblemException('LOG_LEAF_UNKNOWN');
    return index;
  }
}

function malformed(detail: string): never {
  throw new ProblemException('DOOR_PARAMETER', { detail });
}

function answer(response: ServerResponse, type: string, body: string | Buffer, cache: string): void {
  response.setHeader('content-type', type);
  response.setHeader('cache-control', cache);
  response.end(body);
}
