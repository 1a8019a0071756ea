import { createPublicKey, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { keyProofText, memberChangeText, misfit, publicMemberKey } from '#configuration';
import { publicJwkOf, readKeySet } from '#envelope';
import { FaultError } from '#faults';
import { OfficerGuard, officerOf } from '#http';
import type { MemberKey, MemberSystem } from '#policy';
import { type MemberId, memberId, memberOf } from '#record';
import { addKey, approveChange, declineChange, update } from '../members/changes.js';
import { type Asked, approve, invitationHash, invite, join, revokeKey, suspend } from '../members/life.js';
import type { DirectoryState } from '../state/directory-state.js';
import { keysInUse, type MemberRecord } from '../state/records.js';
import { answer } from './answer.js';
import { type BODIES, bodyOf } from './bodies.js';
import { DESK, type Desk } from './desk.js';

/** A member as officers see it: all but the hash of its invitation. */
type MemberView = Omit<MemberRecord, 'invitation'> & { readonly invitedUntil?: string };
type Place = Readonly<Record<'instance' | 'class' | 'code', string>>;
type SentKey = z.infer<typeof BODIES.join>['keys'][number];

/** What stands in the proof of a key that is added later; its id can never be used again. */
const ADDED = 'add-key';
const AT = ':instance/:class/:code';
/** Acts of officers by which something stops. */
const ENDING: ReadonlySet<string> = new Set(['suspend', 'revoke-key', 'decline-change']);

/** Where members begin, prove their keys, and are let in or stopped by officers. */
@Controller('v1/members')
export class MembersController {
  constructor(@Inject(DESK) private readonly desk: Desk) {}

  @Get()
  @UseGuards(OfficerGuard)
  list(): { members: readonly MemberView[] } {
    return { members: this.desk.register.state.members().map(viewOf) };
  }

  @Get(AT)
  @UseGuards(OfficerGuard)
  show(@Param() place: Place): Promise<MemberView> {
    return answer(() => viewOf(found(this.desk.register.state, idOf(place))));
  }

  /** The secret in the answer is nowhere else: whoever has it may join as this member, once. */
  @Post()
  @UseGuards(OfficerGuard)
  invite(@Req() request: IncomingMessage): Promise<{ member: MemberView; invitation: string }> {
    return answer(async () => {
      const { why, parent, ...said } = await bodyOf(request, 'invite');
      const secret = randomBytes(32).toString('base64url');
      const invitation = { ...said, ...(parent === undefined ? {} : { parent }) };
      const member = await this.#act(said.id, 'invite', { by: officerOf(request), why }, (state, asked) =>
        invite(state.member(said.id), invitation, invitationHash(secret), asked),
      );
      return { member, invitation: secret };
    });
  }

  /** Self-service: the invitation says who may, the proofs that the keys are in its hands. */
  @Post(`${AT}/join`)
  @HttpCode(200)
  join(@Req() request: IncomingMessage, @Param() place: Place): Promise<MemberView> {
    return answer(async () => {
      const id = idOf(place);
      const { invitation, keys, systems } = await bodyOf(request, 'join');
      const hash = invitationHash(invitation);
      const known = keys.map((sent) => this.#proved(id, sent, hash));
      if (!known.some(({ purpose }) => purpose === 'agreement')) throw invalid('/keys has none for agreements');
      if (new Set(known.map(({ kid }) => kid)).size < known.length) throw invalid('/keys has one twice');
      const plain = ownSystems(id, systems);
      return this.#act(id, 'join', { by: id, why: 'invitation' }, (state, { at }) =>
        join(found(state, id), hash, known, plain, at),
      ).catch((error: unknown) => {
        if (error instanceof FaultError && error.code === 'MEMBER_INVITATION_INVALID') this.desk.metrics.refusedCallers.inc();
        throw error;
      });
    });
  }

  @Post(`${AT}/approve`)
  @HttpCode(200)
  @UseGuards(OfficerGuard)
  approve(@Req() request: IncomingMessage, @Param() place: Place): Promise<MemberView> {
    return this.#officer(request, place, 'approve', approve);
  }

  @Post(`${AT}/suspend`)
  @HttpCode(200)
  @UseGuards(OfficerGuard)
  suspend(@Req() request: IncomingMessage, @Param() place: Place): Promise<MemberView> {
    return this.#officer(request, place, 'suspend', suspend);
  }

  /** A further key, proved by itself and endorsed by a key for agreements that the member has already; it waits for an officer. */
  @Post(`${AT}/keys`)
  addKey(@Req() request: IncomingMessage, @Param() place: Place): Promise<MemberView> {
    return answer(async () => {
      const id = idOf(place);
      const { key: sent, endorsement } = await bodyOf(request, 'addKey');
      const key = this.#proved(id, sent, ADDED);
      return this.#act(id, 'add-key', { by: id, why: 'endorsed by a key of the member' }, (state, asked) => {
        const member = found(state, id);
        const own = keysInUse(member).filter(({ purpose }) => purpose === 'agreement');
        const text = keyProofText(this.desk.operator, id, key, ADDED);
        const wrong = misfit('proof', text, endorsement, readKeySet({ keys: own }), asked.at);
        if (wrong !== undefined) throw new FaultError('MEMBER_KEY_UNPROVEN', `the endorsement does not hold: ${wrong}`);
        return addKey(member, key, asked);
      });
    });
  }

  /** Self-service: signed by a key for agreements that the member has; what lets data go somewhere else waits for an officer. */
  @Post(`${AT}/changes`)
  @HttpCode(200)
  change(@Req() request: IncomingMessage, @Param() place: Place): Promise<MemberView> {
    return answer(async () => {
      const id = idOf(place);
      const { id: change, change: sent, jws } = await bodyOf(request, 'update');
      const { systems, ...rest } = sent;
      const own = systems === undefined ? {} : { systems: ownSystems(id, systems) };
      return this.#act(id, 'update', { by: id, why: 'signed by a key of the member' }, (state, asked) => {
        const member = found(state, id);
        const keys = readKeySet({ keys: keysInUse(member).filter(({ purpose }) => purpose === 'agreement') });
        const wrong = misfit('change', memberChangeText(this.desk.operator, id, change, sent), jws, keys, asked.at);
        if (wrong !== undefined) throw new FaultError('MEMBER_SIGNATURE', wrong);
        return update(member, { id: change, ...present(rest), ...own }, asked);
      }).catch((error: unknown) => {
        if (error instanceof FaultError && error.code === 'MEMBER_SIGNATURE') this.desk.metrics.refusedCallers.inc();
        throw error;
      });
    });
  }

  @Post(`${AT}/changes/:change/approve`)
  @HttpCode(200)
  @UseGuards(OfficerGuard)
  approveChange(@Req() request: IncomingMessage, @Param() place: Place & { readonly change: string }): Promise<MemberView> {
    return this.#officer(request, place, 'approve-change', (member, asked) => approveChange(member, place.change, asked));
  }

  @Post(`${AT}/changes/:change/decline`)
  @HttpCode(200)
  @UseGuards(OfficerGuard)
  declineChange(@Req() request: IncomingMessage, @Param() place: Place & { readonly change: string }): Promise<MemberView> {
    return this.#officer(request, place, 'decline-change', (member, asked) => declineChange(member, place.change, asked));
  }

  @Post(`${AT}/keys/:kid/revoke`)
  @HttpCode(200)
  @UseGuards(OfficerGuard)
  revokeKey(@Req() request: IncomingMessage, @Param() place: Place & { readonly kid: string }): Promise<MemberView> {
    return this.#officer(request, place, 'revoke-key', (member, asked) => revokeKey(member, place.kid, asked));
  }

  #officer(
    request: IncomingMessage,
    place: Place,
    action: string,
    change: (member: MemberRecord, asked: Asked) => MemberRecord,
  ): Promise<MemberView> {
    return answer(async () => {
      const id = idOf(place);
      const { why } = await bodyOf(request, 'officer');
      return this.#act(id, action, { by: officerOf(request), why }, (state, asked) => change(found(state, id), asked));
    });
  }

  #act(
    id: MemberId,
    action: string,
    who: Omit<Asked, 'at'>,
    change: (state: DirectoryState, asked: Asked) => MemberRecord,
  ): Promise<MemberView> {
    const { register, now } = this.desk;
    return register.decide((state) => {
      const record = change(state, { ...who, at: now() });
      const act = { ...who, action: `member-${action}` };
      return { change: { kind: 'member', id, record }, act, ends: ENDING.has(action), answer: viewOf(record) };
    });
  }

  /** The key as it will be published, once it has signed for itself. */
  #proved(member: MemberId, { jwk, purpose, proof }: SentKey, challenge: string): MemberKey {
    const { operator, now } = this.desk;
    const at = now();
    const key = publicMemberKey(publicJwk(jwk), member, purpose, at);
    const signing = readKeySet({ keys: [{ ...key, alg: 'ES256', use: 'sig' }] });
    const wrong = misfit('proof', keyProofText(operator, member, key, challenge), proof, signing, at);
    if (wrong !== undefined) throw new FaultError('MEMBER_KEY_UNPROVEN', `the proof does not hold: ${wrong}`);
    return key;
  }
}

/** Systems as they are published. Throws DIRECTORY_REQUEST_INVALID for one of somebody else. */
function ownSystems(id: MemberId, systems: z.infer<typeof BODIES.join>['systems']): readonly MemberSystem[] {
  const stranger = systems.findIndex((system) => memberOf(system.id) !== id);
  if (stranger >= 0) throw invalid(`/systems/${stranger}/id is not a system of this member`);
  return systems.map(({ endpoints, ...system }) => ({ ...system, endpoints: endpoints.map(present) }));
}

function publicJwk(jwk: SentKey['jwk']) {
  try {
    return publicJwkOf(createPublicKey({ key: jwk, format: 'jwk' }));
  } catch {
    throw invalid('/keys has one that is no point of P-256'); // OpenSSL's message says nothing that helps
  }
}

function found(state: DirectoryState, id: MemberId): MemberRecord {
  const member = state.member(id);
  if (member === undefined) throw new FaultError('MEMBER_UNKNOWN');
  return member;
}

function idOf(place: Place): MemberId {
  const id = memberId(`${place.instance}/${place.class}/${place.code}`);
  if (id === undefined) throw new FaultError('MEMBER_UNKNOWN');
  return id;
}

function viewOf({ invitation, ...member }: MemberRecord): MemberView {
  return invitation === undefined ? member : { ...member, invitedUntil: invitation.until };
}

/** Without members that are undefined: there are none in JSON. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}

const invalid = (why: string) => new FaultError('DIRECTORY_REQUEST_INVALID', why);
