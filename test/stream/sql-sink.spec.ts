import { Client } from 'pg';
import { type Delivery, SINK_TABLES, type SqlConnection, sqlSink } from '#consumer';
import type { Jti, MemberId, SubjectUrn } from '#record';
import { findPostgres, startPostgres, type TestPostgres } from '../postgres.js';

const programs = findPostgres('its sink');
const TOPIC = 'delivery.GE-GOV-7002-pensions.population.person';

const delivery = (number: number, more: Partial<Delivery<string>> = {}): Delivery<string> =>
  ({
    ...{ number, iss: 'GE/GOV/0001' as MemberId, jti: `j${number}` as Jti, sub: 'urn:khidi:population:a' as SubjectUrn },
    ...{
      op: 'updated',
      seq: number,
      record: `change ${number}`,
      agreement: 'a1/1',
      purpose: 'pension',
      envelope: Buffer.alloc(0),
    },
    ...more,
  }) as Delivery<string>;

(programs === undefined ? describe.skip : describe)('when deliveries take effect in PostgreSQL', () => {
  let postgres: TestPostgres;
  let sql: SqlConnection;
  const sessions: Client[] = [];
  const connect = async (): Promise<SqlConnection> => {
    const client = new Client(postgres.url);
    sessions.push(client);
    await client.connect();
    return client;
  };
  const write = async (on: SqlConnection, { sub, record, number }: Delivery<string>): Promise<void> => {
    if (record === 'impossible') throw new Error('the consumer failed');
    await on.query('INSERT INTO person (sub, text, number) VALUES ($1, $2, $3)', [sub, record, number]);
  };
  const written = async (): Promise<unknown[]> =>
    (await sql.query('SELECT text FROM person ORDER BY number')).rows.map((row) => (row as { text: string }).text);
  const at = (offset: number) => ({ offset: BigInt(offset), number: offset });

  beforeAll(async () => {
    postgres = await startPostgres(programs ?? '');
    sql = await connect();
    await sql.query(SINK_TABLES.trim().replace(/;$/, ''));
    await sql.query('CREATE TABLE person (sub text, text text, number bigint)');
  }, 90_000);
  afterAll(async () => {
    for (const session of sessions) await session.end();
    postgres.remove();
  });

  it('applies each exchange once, none that a later change has overtaken, and remembers how far it is', async () => {
    const sink = sqlSink(sql, write);
    expect(await sink.position(TOPIC)).toBeUndefined();
    expect(
      await sink.apply(
        TOPIC,
        [delivery(1), delivery(2, { jti: 'j1' as Jti }), delivery(3), delivery(4, { seq: 2 })],
        undefined,
        at(4),
      ),
    ).toEqual(['applied', 'repeated', 'applied', 'late']);
    expect([await written(), await sink.position(TOPIC)]).toEqual([['change 1', 'change 3'], at(4)]);
  });

  it('changes nothing where one effect fails', async () => {
    const sink = sqlSink(sql, write);
    await expect(sink.apply(TOPIC, [delivery(5), delivery(6, { record: 'impossible' })], at(4), at(6))).rejects.toThrow(
      'the consumer failed',
    );
    expect([await written(), await sink.position(TOPIC)]).toEqual([['change 1', 'change 3'], at(4)]);
    expect(await sink.apply(TOPIC, [delivery(5)], at(4), at(5))).toEqual(['applied']);
  });

  it('lets only one of two consumers of a topic go on', async () => {
    const other = sqlSink(await connect(), write);
    await expect(other.apply(TOPIC, [delivery(9)], at(4), at(9))).rejects.toThrow('another consumer applies the same topic');
    expect(await other.apply(TOPIC, [delivery(7)], at(5), at(7))).toEqual(['applied']);
    expect(await written()).toEqual(['change 1', 'change 3', 'change 5', 'change 7']);
  });
});
