import { randomUUID } from 'node:crypto';
import { keyProofText, memberChangeText, revocationText, signStatement } from '#configuration';
import { FaultError } from '#faults';
import { type AgreementTerms, decide, type PolicyRequest } from '#policy';
import type { MemberId } from '#record';
import { memoryCustody, testMember, testTerms } from '#testkit';
import { DirectoryUnderTest, joinBody, OPERATOR, type Outsider } from './directory.fixture.js';
import { openConfigurationKey } from './keys/configuration-key.js';
import { invitationHash } from './members/life.js';

jest.setTimeout(60_000);
const A = 'GE/GOV/7001';
const B = 'GE/GOV/7002';
const PURPOSE = {
  id: 'pension',
  title: 'Granting pensions',
  basis: { text: 'Pension act, section 4 (fictitious)', eli: 'https://law.example/eli/act/2090/4' },
  from: '2099-01-01T00:00:00Z',
  why: 'adopted by parliament',
};
let test: DirectoryUnderTest;
let directory: Awaited<ReturnType<DirectoryUnderTest['start']>>;
beforeEach(async () => {
  test = new DirectoryUnderTest();
  directory = await test.start();
});
afterEach(() => test.close());

const ask: (typeof directory)['ask'] = (...args) => directory.ask(...args);
const invited = async (id = A) => {
  const { body } = await ask('/v1/members', { id, name: 'An agency', why: 'asked' }, 'nino');
  return String(body.invitation);
};
/** What an officer says of something that waits. */
const answered = (change: string, how: 'approve' | 'decline', id = A) =>
  ask(`/v1/members/${id}/changes/${change}/${how}`, { why: 'asked back by telephone' }, 'nino');
const stateOf = (id: string) => directory.opened().members.get(id as MemberId)?.state;

describe('when a member joins', () => {
  it('is invited, proves its key, is approved by a second person, and takes part from then on', async () => {
    const member = test.outsider(A);
    const invitation = await invited();
    expect(stateOf(A)).toBe('invited');
    expect((await ask(`/v1/members/${A}/join`, await joinBody(member, invitation))).status).toBe(200);
    expect(stateOf(A)).toBe('joined');
    expect(await ask(`/v1/members/${A}/approve`, { why: 'checked' }, 'nino')).toMatchObject({
      status: 409,
      body: { code: 'DIRECTORY_FOUR_EYES' },
    });
    expect(stateOf(A)).toBe('joined');
    expect((await ask(`/v1/members/${A}/approve`, { why: 'checked' }, 'giorgi')).status).toBe(200);
    expect(stateOf(A)).toBe('approved');
    expect(
      directory
        .opened()
        .members.get(A as MemberId)
        ?.keys.map(({ kid }) => kid),
    ).toEqual([member.key.kid]);
  });

  it('lets nobody in by an invitation that is wrong, used, replaced or old', async () => {
    const join = async (invitation: string) =>
      (await ask(`/v1/members/${A}/join`, await joinBody(test.outsider(A), invitation))).body.code;
    const first = await invited();
    const second = await invited();
    expect(await join(first)).toBe('MEMBER_INVITATION_INVALID');
    test.clock.setAfter(14 * 24 * 3600);
    expect(await join(second)).toBe('MEMBER_INVITATION_INVALID');
    const third = await invited();
    expect([await join(third), await join(third)]).toEqual([undefined, 'MEMBER_INVITATION_INVALID']);
    expect((await ask('/v1/members', { id: A, name: 'An agency', why: 'again' }, 'nino')).body.code).toBe('MEMBER_STATE');
  });

  it('takes no key that did not sign for itself, this member, this purpose and this invitation', async () => {
    const invitation = await invited();
    const hash = invitationHash(invitation);
    const [own, other] = [test.outsider(A), test.outsider(A)];
    const body = await joinBody(own, invitation);
    const code = async (key: object) => (await ask(`/v1/members/${A}/join`, { ...body, keys: [key] })).body.code;
    const good = await own.proved(hash);
    const { proof } = (await other.proved(hash)) as { proof: string };
    expect(await code({ ...good, proof })).toBe('MEMBER_KEY_UNPROVEN');
    expect(await code({ ...good, purpose: 'receipts' })).toBe('MEMBER_KEY_UNPROVEN');
    expect(await code(await own.proved(invitationHash('another')))).toBe('MEMBER_KEY_UNPROVEN');
    const forB = await signStatement('proof', keyProofText(OPERATOR, B as MemberId, own.key, hash), own.signer, test.now());
    expect(await code({ ...good, proof: forB })).toBe('MEMBER_KEY_UNPROVEN');
    expect(await code(await test.outsider(A, 'receipts').proved(hash))).toBe('DIRECTORY_REQUEST_INVALID');
    expect(stateOf(A)).toBe('invited');
  });

  it('keeps contacts and invitations out of what is published', async () => {
    const contacts = [{ role: 'security desk', address: 'desk@agency.invalid' }];
    await ask('/v1/members', { id: A, name: 'An agency', contacts, why: 'asked' }, 'nino');
    expect((await ask('/v1/members', undefined, 'giorgi')).body).toMatchObject({ members: [{ contacts }] });
    const published = JSON.stringify(directory.opened().configuration) + JSON.stringify(directory.acts());
    expect([published.includes('desk@agency'), published.includes('invitation')]).toEqual([false, false]);
  });

  it('adds a key that an older key endorses once an officer agrees, and stops trusting one that officers revoke', async () => {
    const member = await test.letIn(ask, A);
    const more = test.outsider(A, 'encryption');
    const key = await more.proved('add-key');
    const endorse = (by: Outsider) =>
      signStatement('proof', keyProofText(OPERATOR, member.id, more.key, 'add-key'), by.signer, test.now());
    const add = async (by: Outsider) => (await ask(`/v1/members/${A}/keys`, { key, endorsement: await endorse(by) })).body.code;
    expect([await add(more), await add(test.outsider(A)), await add(member), await add(member)]).toEqual([
      'MEMBER_KEY_UNPROVEN',
      'MEMBER_KEY_UNPROVEN',
      undefined,
      'MEMBER_STATE',
    ]);
    expect(directory.opened().members.get(member.id)?.keys).toHaveLength(1);
    expect((await answered(more.key.kid, 'approve')).status).toBe(200);
    expect((await ask(`/v1/members/${A}/keys/${member.key.kid}/revoke`, { why: 'laptop stolen' }, 'nino')).status).toBe(200);
    const keys = directory.opened().members.get(member.id)?.keys ?? [];
    expect(keys.map(({ purpose, revoked }) => [purpose, revoked !== undefined])).toEqual([
      ['agreement', true],
      ['encryption', false],
    ]);
    expect(await add(member)).toBe('MEMBER_KEY_UNPROVEN');
  });
});

describe('when a member changes what is known of it', () => {
  const IN = 'https://agency.example/in';
  const desk = (...urls: readonly string[]) => [
    {
      ...{ id: `${A}/desk`, name: 'Desk' },
      endpoints: [{ kind: 'kafka' }, ...urls.map((url) => ({ kind: 'webhook', url }))],
    },
  ];
  const signed = async (by: Outsider, change: object, { id = randomUUID() as string, of = by.id, at = OPERATOR } = {}) => ({
    ...{ id, change },
    jws: await signStatement('change', memberChangeText(at, of, id, change), by.signer, test.now()),
  });
  const send = (body: object, id = A) => ask(`/v1/members/${id}/changes`, body);
  const published = () => directory.opened().members.get(A as MemberId);
  const urls = () => published()?.systems.flatMap(({ endpoints }) => endpoints.flatMap(({ url }) => url ?? []));

  it('does at once what sends no data anywhere, and writes it down', async () => {
    const member = await test.letIn(ask, A);
    const contacts = [{ role: 'security', address: 'desk@agency.example' }];
    const { body } = await send(await signed(member, { name: 'New name', contacts }));
    expect([published()?.name, body.contacts, body.waiting]).toEqual(['New name', contacts, undefined]);
    expect(directory.acts().at(-1)).toMatchObject({ action: 'member-update', by: A, subject: A });
    expect(JSON.stringify(directory.opened().configuration)).not.toContain('desk@');
  });

  it('lets no endpoint begin to receive before a second person agrees', async () => {
    const member = await test.letIn(ask, A);
    const change = await signed(member, { systems: desk(IN) });
    expect((await send(change)).body.waiting).toHaveLength(1);
    expect(urls()).toEqual([]);
    expect((await ask(`/v1/members/${A}/changes/${change.id}/approve`, { why: 'x' })).status).toBe(401);
    expect((await answered(change.id, 'approve')).body.waiting).toBeUndefined();
    expect(urls()).toEqual([IN]);
    expect(directory.acts().at(-1)).toMatchObject({ action: 'member-approve-change', by: 'nino' });
    const moved = await signed(member, { systems: desk('https://agency.example/other') });
    await send(moved);
    await answered(moved.id, 'decline');
    expect((await answered(moved.id, 'approve')).body.code).toBe('MEMBER_CHANGE_UNKNOWN');
    await send(await signed(member, { systems: desk() }));
    expect(urls()).toEqual([]);
  });

  it('drops the systems that waited once others are asked for', async () => {
    const member = await test.letIn(ask, A);
    const [first, second] = [await signed(member, { systems: desk(IN) }), await signed(member, { systems: desk(`${IN}/2`) })];
    for (const one of [first, second]) await send(one);
    expect([(await answered(first.id, 'approve')).status, (await answered(second.id, 'approve')).status]).toEqual([404, 200]);
    expect(urls()).toEqual([`${IN}/2`]);
  });

  it('takes no change that another member signed, for another directory or member, or twice', async () => {
    const [member, other] = [await test.letIn(ask, A), await test.letIn(ask, B)];
    const change = { name: 'Stolen' };
    const good = await signed(member, change);
    const bodies: readonly (readonly [object, string?])[] = [
      [await signed(other, change, { of: member.id })],
      [await signed(member, change, { at: B as MemberId })],
      [await signed(member, change), B],
      [{ ...good, change: { name: 'Something else' } }],
      [good],
      [good],
      [await signed(member, { revokeKeys: [member.key.kid] })],
      [await signed(member, { systems: [{ id: `${B}/desk`, name: 'x', endpoints: [] }] })],
    ];
    const codes: unknown[] = [];
    for (const [body, id] of bodies) codes.push((await send(body, id)).body.code);
    const wrong = 'MEMBER_SIGNATURE';
    const rest = [undefined, 'MEMBER_STATE', 'MEMBER_STATE', 'DIRECTORY_REQUEST_INVALID'];
    expect(codes).toEqual([wrong, wrong, wrong, wrong, ...rest]);
    await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino');
    expect((await send(await signed(member, { name: 'Later' }))).body.code).toBe('MEMBER_STATE');
  });
});

describe('when somebody asks who may not', () => {
  it('answers 401 to whoever is no officer, and names what is wrong in a body', async () => {
    for (const path of ['', `/${A}/approve`, `/${A}/suspend`, `/${A}/keys/x/revoke`, `/${A}/changes/x/decline`])
      expect((await ask(`/v1/members${path}`, { why: 'x' })).status).toBe(401);
    expect([(await ask('/v1/members')).status, (await ask('/v1/purposes', PURPOSE)).status]).toEqual([401, 401]);
    const mistaken = await ask('/v1/members', { id: 'somebody', name: ' ', admin: true }, 'nino');
    expect(mistaken.body.code).toBe('DIRECTORY_REQUEST_INVALID');
    for (const member of ['/id', '/name', '/why']) expect(mistaken.body.detail).toContain(member);
    expect((await ask('/v1/members/GE/GOV/9999/approve', { why: 'x' }, 'nino')).body.code).toBe('MEMBER_UNKNOWN');
  });

  it('takes no webhook without TLS beyond this machine, and no system of somebody else', async () => {
    const invitation = await invited();
    const body = await joinBody(test.outsider(A), invitation);
    const code = async (id: string, endpoint: object) =>
      (await ask(`/v1/members/${A}/join`, { ...body, systems: [{ id, name: 'Desk', endpoints: [endpoint] }] })).body.code;
    const webhook = (url: string) => ({ kind: 'webhook', url });
    for (const url of ['http://agency.example/in', 'https://user:secret@agency.example/', 'file:///etc/passwd', 'nowhere'])
      expect(await code(`${A}/desk`, webhook(url))).toBe('DIRECTORY_REQUEST_INVALID');
    expect(await code(`${A}/desk`, { kind: 'webhook' })).toBe('DIRECTORY_REQUEST_INVALID');
    expect(await code(`${B}/desk`, { kind: 'kafka' })).toBe('DIRECTORY_REQUEST_INVALID');
    expect(await code(`${A}/desk`, webhook('https://agency.example/in'))).toBeUndefined();
  });
});

/** Two members that take part, and a purpose. */
async function parties() {
  const [provider, consumer] = [await test.letIn(ask, A), await test.letIn(ask, B)];
  expect((await ask('/v1/purposes', PURPOSE, 'nino')).status).toBe(201);
  const terms = testTerms(testMember(A), testMember(B));
  test.stream.append(schemaRecord());
  await directory.register.renew();
  const propose = async (what: AgreementTerms, by: Outsider) =>
    (await ask('/v1/agreements', { terms: what, jws: await by.signed(what) })).body.code;
  const accept = async (version: number, jws: string) =>
    (await ask(`/v1/agreements/a1/versions/${version}/acceptance`, { jws })).body.code;
  const request: PolicyRequest = {
    ...{ consumer: terms.consumer, provider: terms.provider, type: terms.type, purpose: 'pension', origin: 'topic' },
  };
  const outcome = () => {
    const decision = decide(directory.opened().policy, request, test.now().getTime());
    return decision.permitted ? decision.grants.map(({ version }) => version) : decision.faults.map(({ code }) => code);
  };
  return { provider, consumer, terms, propose, accept, outcome };
}

function schemaRecord() {
  const schema = JSON.stringify({
    'x-khidi': { identifier: '/id', sequence: 'offset', classification: 'personal', legalBasis: 'x', retention: 'P1Y' },
    properties: { id: { 'x-khidi-classification': 'personal' }, birth: { type: 'string' } },
  });
  const stored = { id: 1, subject: 'population.person', version: 1, schemaType: 'JSON', schema, references: [], digest: 'd' };
  const value = Buffer.from(JSON.stringify({ ...stored, deleted: false, ts: 1 }));
  return { topic: 'schemas', key: '["schema","population.person",1]', value, headers: {}, partition: 0 };
}

describe('when two members agree', () => {
  it('permits what both signed, from the acceptance on, and nothing after the revocation', async () => {
    const { provider, consumer, terms, propose, accept, outcome } = await parties();
    expect(outcome()).toEqual(['POLICY_NO_AGREEMENT']);
    expect(await propose(terms, provider)).toBeUndefined();
    expect(outcome()).toEqual(['POLICY_NOT_ACCEPTED']);
    expect(await accept(1, await consumer.signed(terms))).toBeUndefined();
    expect(outcome()).toEqual([1]);
    const why = 'the task has ended';
    const jws = await signStatement('revocation', revocationText('a1', why), consumer.signer, test.now());
    expect((await ask('/v1/agreements/a1/revocation', { why, jws })).status).toBe(200);
    expect(outcome()).toEqual(['POLICY_REVOKED']);
    expect((await ask('/v1/agreements/a1/revocation', { why, jws })).body.code).toBe('AGREEMENT_STATE');
    expect(await propose({ ...terms, version: 2 }, provider)).toBe('AGREEMENT_STATE');
  });

  it('takes no acceptance that is forged, replayed, or for other terms', async () => {
    const { provider, consumer, terms, propose, accept, outcome } = await parties();
    const stranger = await test.letIn(ask, 'GE/GOV/7003');
    expect(await propose(terms, stranger)).toBe('AGREEMENT_SIGNATURE');
    const first = await provider.signed(terms);
    expect(await propose(terms, provider)).toBeUndefined();
    expect(await accept(1, first)).toBe('AGREEMENT_STATE');
    expect(await accept(1, await stranger.signed(terms))).toBe('AGREEMENT_SIGNATURE');
    expect(await accept(1, await consumer.signed({ ...terms, fields: ['/id'] }))).toBe('AGREEMENT_SIGNATURE');
    expect(await accept(2, await consumer.signed(terms))).toBe('AGREEMENT_UNKNOWN');
    const good = await consumer.signed(terms);
    test.clock.setAfter(24 * 3600 + 1);
    expect(await accept(1, good)).toBe('AGREEMENT_SIGNATURE');
    await directory.register.renew();
    expect(outcome()).toEqual(['POLICY_NOT_ACCEPTED']);
    expect(await accept(1, await consumer.signed(terms))).toBeUndefined();
    const wider = { ...terms, version: 2, fields: 'record' as const };
    expect(await propose(wider, provider)).toBeUndefined();
    expect([await accept(2, good), await accept(2, await consumer.signed(terms))]).toEqual([
      'AGREEMENT_SIGNATURE',
      'AGREEMENT_SIGNATURE',
    ]);
    expect([await accept(1, await consumer.signed(terms)), outcome()]).toEqual(['AGREEMENT_STATE', [1]]);
  });

  it('takes no terms that are malformed, of an unknown purpose, out of order, of other parties, or of who does not take part', async () => {
    const { provider, terms, propose } = await parties();
    const raw = async (what: object) =>
      (await ask('/v1/agreements', { terms: what, jws: await provider.signed(terms) })).body.code;
    expect(await raw({ ...terms, quota: { records: 0, per: 'hour' } })).toBe('POLICY_TERMS_INVALID');
    expect(await propose({ ...terms, purpose: 'tax' }, provider)).toBe('POLICY_PURPOSE_UNKNOWN');
    expect(await propose({ ...terms, version: 2 }, provider)).toBe('AGREEMENT_STATE');
    expect(await propose({ ...terms, until: '2099-02-01T00:00:00Z' }, provider)).toBe('AGREEMENT_STATE');
    expect(await propose({ ...terms, consumer: 'GE/GOV/7009/desk' as never }, provider)).toBe('MEMBER_UNKNOWN');
    expect(await propose(terms, provider)).toBeUndefined();
    expect(await propose({ ...terms, version: 2, type: 'address.address' as never }, provider)).toBe('AGREEMENT_STATE');
    await ask(`/v1/members/${B}/suspend`, { why: 'incident' }, 'nino');
    expect(await propose({ ...terms, version: 2 }, provider)).toBe('MEMBER_SUSPENDED');
  });

  it('changes no purpose that was agreed on', async () => {
    await ask('/v1/purposes', PURPOSE, 'nino');
    const again = await ask('/v1/purposes', { ...PURPOSE, title: 'Anything' }, 'nino');
    expect([again.status, again.body.code]).toEqual([409, 'PURPOSE_EXISTS']);
    expect(directory.opened().configuration.purposes.map(({ title }) => title)).toEqual(['Granting pensions']);
  });
});

describe('when a member is suspended', () => {
  it('is stopped by one person at once, and let in again by another one only', async () => {
    const { provider, consumer, terms, propose, accept, outcome } = await parties();
    await propose(terms, provider);
    await accept(1, await consumer.signed(terms));
    const before = directory.opened().version;
    expect((await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'giorgi')).status).toBe(200);
    expect([stateOf(A), outcome(), directory.opened().version]).toEqual([
      'suspended',
      ['POLICY_MEMBER_NOT_APPROVED'],
      before + 1,
    ]);
    expect((await ask(`/v1/members/${A}/approve`, { why: 'solved' }, 'giorgi')).body.code).toBe('DIRECTORY_FOUR_EYES');
    expect((await ask(`/v1/members/${A}/approve`, { why: 'solved' }, 'nino')).status).toBe(200);
    expect([stateOf(A), outcome()]).toEqual(['approved', [1]]);
  });
});

describe('when something is done', () => {
  it('stands in the audit, in the same transaction as what changed and what was published', async () => {
    const before = test.stream.commits;
    await test.letIn(ask, A);
    expect(test.stream.commits - before).toBe(3);
    const acts = directory.acts();
    expect(acts.map(({ action, by, subject }) => [action, by, subject])).toEqual([
      ['member-invite', 'nino', A],
      ['member-join', A, A],
      ['member-approve', 'giorgi', A],
    ]);
    expect([acts[0]?.before, acts[1]?.before, acts[1]?.kind]).toEqual([undefined, acts[0]?.after, 'policy']);
  });

  it('is refused where it adds something and little room is left, and done where it ends something', async () => {
    const member = await test.letIn(ask, A);
    const basis = { text: 'x'.repeat(500) };
    const purpose = (id: string) => ({ id, title: 'A purpose', basis, from: '2099-01-01T00:00:00Z', acts: [] });
    const filling = Array.from({ length: 1915 }, (_, i) => purpose(`p-${i}`));
    test.stream.append(
      ...filling.map((one) => ({
        ...{ topic: 'directory', key: `purpose:${one.id}`, partition: 0, headers: {} },
        value: Buffer.from(JSON.stringify(one)),
      })),
    );
    await directory.register.renew();
    expect((await ask('/v1/purposes', PURPOSE, 'nino')).body.code).toBe('CONFIGURATION_TOO_LARGE');
    const revoked = await ask(`/v1/members/${A}/keys/${member.key.kid}/revoke`, { why: 'laptop stolen' }, 'nino');
    const suspended = await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino');
    expect([revoked.status, suspended.status, stateOf(A)]).toEqual([200, 200, 'suspended']);
  });

  it('is not done where it cannot be signed', async () => {
    await test.close();
    const custody = memoryCustody();
    let dead = false;
    const sign: typeof custody.sign = (kid, bytes) => {
      if (dead) throw new FaultError('KEY_STORE_UNAVAILABLE');
      return custody.sign(kid, bytes);
    };
    test = new DirectoryUnderTest({ stream: test.stream, custody: { ...custody, sign } });
    directory = await test.start();
    await test.letIn(ask, A);
    dead = true;
    expect((await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino')).status).toBe(503);
    expect([stateOf(A), directory.acts().length]).toEqual(['approved', 3]);
    dead = false;
    expect((await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino')).status).toBe(200);
  });

  it('is decided on by one service at a time, each on what the other wrote', async () => {
    const second = await test.start();
    await test.letIn(ask, A);
    expect((await second.ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino')).status).toBe(200);
    expect((await ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino')).body.code).toBe('MEMBER_STATE');
    await second.register.renew();
    expect((await ask(`/v1/members/${A}/approve`, { why: 'solved' }, 'giorgi')).status).toBe(200);
    expect(directory.opened().version).toBe(6);
  });

  it('tells whoever asks again whether it was done where only the answer was lost', async () => {
    test.stream.fail('after');
    expect((await ask('/v1/purposes', PURPOSE, 'nino')).status).toBe(503);
    expect((await ask('/v1/purposes', PURPOSE, 'nino')).body.code).toBe('PURPOSE_EXISTS');
  });
});

describe('when the configuration is asked for', () => {
  it('is the signed one, until it expires; then there is none until it is renewed', async () => {
    const read = () => ask('/configuration');
    expect(String((await read()).body.text)).toBe(String(test.stream.records('configuration').at(-1)?.value));
    test.clock.setAfter(600);
    expect((await read()).body.code).toBe('CONFIGURATION_EXPIRED');
    await directory.register.renew();
    await directory.published.caughtUp();
    expect((await read()).status).toBe(200);
    expect((await ask('/.well-known/jwks.json')).body).toEqual(directory.key.jwks);
  });

  it('follows the schemas without waiting for the next turn', async () => {
    const changed = new Promise<object>((resolve) => directory.followed.onChange(({ configuration }) => resolve(configuration)));
    test.stream.append(schemaRecord());
    expect(await changed).toMatchObject({ classifications: { 'population.person': { record: 'personal' } } });
  });

  it('keeps its number while only time passes, and goes on counting after a restart', async () => {
    await test.letIn(ask, A);
    const { version, digest } = directory.opened();
    test.clock.setAfter(60);
    await directory.register.renew();
    expect(directory.opened()).toMatchObject({ version, digest, issued: test.now() });
    const again = await test.start();
    expect(again.opened().version).toBe(version);
    await again.ask(`/v1/members/${A}/suspend`, { why: 'incident' }, 'nino');
    expect(again.opened().version).toBe(version + 1);
  });

  it('is signed by a key that the anchor names, or the service does not start', async () => {
    const other = openConfigurationKey(memoryCustody(), 'deploy/local/members.json', OPERATOR, test.now());
    await expect(other).rejects.toMatchObject({ code: 'KEY_SET_INVALID' });
    const lost = openConfigurationKey(test.custody, '/nowhere/anchor.json', OPERATOR, test.now());
    await expect(lost).rejects.toMatchObject({ code: 'KEY_ABSENT' });
  });
});
