import type { StoredSchema } from '#schema';
import type { Caller } from '../door/access.js';
import { RegistryError } from '../registry-error.js';
import type { RegisterRequest } from '../steps/register-request.js';
import { mayPublish, missingSteps, publisherOf, reviewPolicyOf } from '../steps/review-policy.js';
import { retagged } from '../steps/tags.js';
import type { Draft, DraftState } from '../store/drafts.js';
import type { Store } from '../store/store.js';
import type { Registration } from './register.js';
import type { Comparison, Safety } from './safety.js';

/** What a draft looks like to whoever decides about it. */
export interface DraftView extends Draft {
  readonly missing: readonly string[];
  /** Whether it may follow what is published; absent once it is published itself. */
  readonly safety?: Comparison;
}

const LEAST_REASON = 3;
const HOUR_MS = 3_600_000;

/**
 * The way of a schema through its review: draft → in review → approved → published. Two different people are needed, each step has a
 * reason, and all of it stands in the audit topic, written in the same transaction.
 */
export class Review {
  constructor(
    private readonly store: Store,
    private readonly registration: Registration,
    private readonly safety: Safety,
  ) {}

  /**
   * Makes a draft, or finds the open one with the same content. Throws 42201 for a schema that could not be registered either.
   */
  async draft(subject: string, request: RegisterRequest, caller: Caller, reason: string): Promise<Draft> {
    this.registration.prepare(subject, request);
    const { references, metadata, ruleSet } = request;
    const schema = retagged(request.schema, request.tagsToAdd, request.tagsToRemove);
    const content = { schema, references, ...(metadata && { metadata }), ...(ruleSet && { ruleSet }) };
    return this.store.submit<Draft>({
      subject,
      decide: () => {
        const drafts = this.store.drafts.of(subject);
        const same = drafts.find((one) => isOpen(one.state) && sameContent(one, content));
        if (same !== undefined) return { records: [], result: same };
        const number = (drafts.at(-1)?.number ?? 0) + 1;
        const by = caller.user;
        const step = { action: 'draft', by, at: this.store.now(), reason };
        const draft: Draft = { subject, number, state: 'draft', author: by, ...content, approvedBy: [], steps: [step] };
        return { records: this.recordsOf(draft), result: draft };
      },
    });
  }

  /** What a draft is and needs. Throws 40403. */
  async view(subject: string, number: number): Promise<DraftView> {
    const draft = this.known(subject, number);
    const missing = missingSteps(draft, reviewPolicyOf(this.store.scopes, subject), this.store.now());
    if (!isOpen(draft.state)) return { ...draft, missing };
    return { ...draft, missing, safety: await this.safety.judge(this.registration.prepare(subject, requestOf(draft))) };
  }

  async submit(subject: string, number: number, caller: Caller, reason: string): Promise<Draft> {
    return this.step(subject, number, caller, reason, 'submit', (draft) => {
      mustBe(draft, 'draft');
      if (draft.author !== caller.user) throw new RegistryError(40301, 'Its author submits a draft.');
      const { commentHours } = reviewPolicyOf(this.store.scopes, subject);
      return { ...draft, state: 'in review', commentsUntil: this.store.now() + commentHours * HOUR_MS };
    });
  }

  async comment(subject: string, number: number, caller: Caller, reason: string): Promise<Draft> {
    return this.step(subject, number, caller, reason, 'comment', (draft) => {
      if (!isOpen(draft.state))
        throw new RegistryError(42221, `Draft ${number} is ${draft.state}: nobody reads comments any more.`);
      return draft;
    });
  }

  /** Four eyes: the author never approves, and each approver counts once. */
  async approve(subject: string, number: number, caller: Caller, reason: string): Promise<Draft> {
    return this.step(subject, number, caller, reason, 'approve', (draft) => {
      mustBe(draft, 'in review', 'approved');
      this.mustBeOther(draft, caller);
      if (draft.approvedBy.includes(caller.user)) throw new RegistryError(42221, `${caller.user} has approved it already.`);
      const approvedBy = [...draft.approvedBy, caller.user];
      const isEnough = approvedBy.length >= reviewPolicyOf(this.store.scopes, subject).approvals;
      return { ...draft, approvedBy, state: isEnough ? 'approved' : draft.state };
    });
  }

  /** In writing: lets a draft pass of which it is undecided whether it is safe. What is proved to break is not overridden. */
  async override(subject: string, number: number, caller: Caller, reason: string): Promise<Draft> {
    const { safety } = await this.view(subject, number);
    if (safety !== undefined && (safety.verdict as { verdict?: string }).verdict === 'incompatible')
      throw new RegistryError(
        42221,
        'It is proved to break, which nobody overrides: change it, or the level or policy of the subject.',
      );
    return this.step(subject, number, caller, reason, 'override', (draft) => {
      mustBe(draft, 'in review', 'approved');
      this.mustBeOther(draft, caller);
      return { ...draft, override: { action: 'override', by: caller.user, at: this.store.now(), reason } };
    });
  }

  async end(subject: string, number: number, caller: Caller, reason: string, how: 'rejected' | 'withdrawn'): Promise<Draft> {
    return this.step(subject, number, caller, reason, how === 'rejected' ? 'reject' : 'withdraw', (draft) => {
      mustBe(draft, 'draft', 'in review', 'approved');
      if (how === 'withdrawn' && draft.author !== caller.user)
        throw new RegistryError(40301, 'Only its author withdraws a draft.');
      if (how === 'rejected') this.mustBeOther(draft, caller);
      return { ...draft, state: how };
    });
  }

  /**
   * Publishes an approved draft, in one transaction with its last step: the owner does, where the policy names one who did not write it,
   * and never the author. Throws 40301, 42221 that lists what is missing, and 40901.
   */
  async promote(subject: string, number: number, caller: Caller, reason: string): Promise<StoredSchema> {
    needsReason(reason);
    const draft = this.known(subject, number);
    if (!isOpen(draft.state)) throw new RegistryError(42221, `Draft ${number} is ${draft.state}.`);
    const policy = reviewPolicyOf(this.store.scopes, subject);
    if (!mayPublish(draft, policy, caller.user))
      throw new RegistryError(40301, `Four eyes: ${publisherOf(draft, policy)} publishes draft ${number} of ${subject}.`);
    const missing = missingSteps(draft, policy, this.store.now()).slice(0, -1);
    if (missing.length > 0)
      throw new RegistryError(42221, `Draft ${number} of ${subject} is not published before ${missing.join(', ')}.`);
    const step = { action: 'promote', by: caller.user, at: this.store.now(), reason };
    const published = ({ version, id }: StoredSchema): Draft => {
      // Called while nobody else can write: what was found missing or not above still holds, or the draft has changed.
      if (this.known(subject, number) !== draft)
        throw new RegistryError(42221, `Draft ${number} has changed meanwhile: look again.`);
      return { ...draft, state: 'published', version, id, steps: [...draft.steps, step] };
    };
    const stored = await this.registration.register(subject, requestOf(draft), {
      by: caller.user,
      reason,
      ...(draft.override === undefined ? {} : { override: draft.override.reason }),
      withVersion: (version) => this.recordsOf(published(version)),
    });
    if (this.known(subject, number).state === 'published') return stored;
    // The same content was published by another way, so nothing but the draft was left to be written.
    return this.store.submit({ subject, decide: () => ({ records: this.recordsOf(published(stored)), result: stored }) });
  }

  /** Throws 42220 where a subject is under review: its versions end by being deprecated, then retired by an approver. */
  refuseRemoval(subject: string): void {
    if (!reviewPolicyOf(this.store.scopes, subject).required) return;
    throw new RegistryError(42220, `${subject} is under review: its versions are deprecated, then retired.`);
  }

  /** Says of a published version that nobody should begin to use it. */
  async deprecate(subject: string, version: number, caller: Caller, reason: string): Promise<StoredSchema> {
    needsReason(reason);
    return this.store.submit<StoredSchema>({
      subject,
      decide: () => {
        const stored = this.store.catalogue.version(subject, version);
        if (stored === undefined) throw new RegistryError(40402, `Version ${version} not found.`);
        if (stored.deprecated === true) return { records: [], result: stored };
        const deprecated = { ...stored, deprecated: true };
        const audit = this.store.auditRecord({ by: caller.user, action: 'deprecate', subject, version, reason });
        return { records: [this.store.schemaRecord(deprecated), audit], result: deprecated };
      },
    });
  }

  /** Throws 42220 that says what is missing, where a subject is under review and this content has not been published. */
  async refuseDirect(
    subject: string,
    request: RegisterRequest,
    caller: Caller,
    reason: string,
    normalize: boolean,
  ): Promise<void> {
    const policy = reviewPolicyOf(this.store.scopes, subject);
    if (!policy.required || this.registration.find(subject, request, normalize) !== undefined) return;
    const { number, ...draft } = await this.draft(subject, request, caller, reason);
    const missing = missingSteps({ number, ...draft }, policy, this.store.now());
    throw new RegistryError(
      42220,
      `${subject} is under review: this is draft ${number} (${draft.state}). Missing: ${missing.join('; ')}.`,
    );
  }

  private async step(
    subject: string,
    number: number,
    { user }: Caller,
    reason: string,
    action: string,
    change: (draft: Draft) => Draft,
  ): Promise<Draft> {
    needsReason(reason);
    return this.store.submit<Draft>({
      subject,
      decide: () => {
        const changed = change(this.known(subject, number));
        const draft = { ...changed, steps: [...changed.steps, { action, by: user, at: this.store.now(), reason }] };
        return { records: this.recordsOf(draft), result: draft };
      },
    });
  }

  private known(subject: string, number: number): Draft {
    const draft = this.store.drafts.one(subject, number);
    if (draft === undefined) throw new RegistryError(40403, `${subject} has no draft ${number}.`);
    return draft;
  }

  private mustBeOther({ author, subject }: Draft, { user }: Caller): void {
    if (author === user) throw new RegistryError(40301, 'Four eyes: another person than the author decides.');
    const { reviewers } = reviewPolicyOf(this.store.scopes, subject);
    if (reviewers.length > 0 && !reviewers.includes(user))
      throw new RegistryError(40301, `Reviewers of ${subject} are ${reviewers.join(', ')}.`);
  }

  private recordsOf(draft: Draft) {
    const { subject, number, steps, state } = draft;
    const { action = '', by = '', reason = '' } = steps.at(-1) ?? {};
    return [this.store.draftRecord(draft), this.store.auditRecord({ by, action, subject, draft: number, state, reason })];
  }
}

const isOpen = (state: DraftState): boolean => state === 'draft' || state === 'in review' || state === 'approved';

function mustBe({ state, number }: Draft, ...states: readonly DraftState[]): void {
  if (!states.includes(state)) throw new RegistryError(42221, `Draft ${number} is ${state}, not ${states.join(' or ')}.`);
}

function needsReason(reason: string): void {
  if (reason.trim().length < LEAST_REASON || reason.length > 2000)
    throw new RegistryError(42221, 'Every step has a reason, of 3 to 2,000 characters.');
}

function requestOf({ schema, references, metadata, ruleSet }: Draft): RegisterRequest {
  return { schema, references, ...(metadata && { metadata }), ...(ruleSet && { ruleSet }), tagsToAdd: [], tagsToRemove: [] };
}

const sameContent = (a: Pick<Draft, 'schema' | 'references'>, b: Pick<Draft, 'schema' | 'references'>): boolean =>
  a.schema === b.schema && JSON.stringify(a.references) === JSON.stringify(b.references);
