import { z } from 'zod';
import { RegistryError } from '../registry-error.js';
import type { Draft } from '../store/drafts.js';
import type { Scopes, ScopeValue } from '../store/scopes.js';

/** How a subject's schemas are reviewed. */
export interface ReviewPolicy {
  /** Whether a schema is only published after a review; otherwise registering publishes, as in development. */
  readonly required: boolean;
  /** Who publishes what others wrote. */
  readonly owner?: string;
  /** Who may approve; every approver where the list is empty. */
  readonly reviewers: readonly string[];
  readonly approvals: number;
  readonly commentHours: number;
}

const MOST_HOURS = 24 * 365;
const user = z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/);
const shape = z.strictObject({
  required: z.boolean().default(true),
  owner: user.optional(),
  reviewers: z.array(user).max(50).default([]),
  approvals: z.int().min(1).max(10).default(1),
  commentHours: z.number().min(0).max(MOST_HOURS).default(0),
});

/** Reads a policy. Throws 42201. */
export function readReviewPolicy(json: unknown): ScopeValue {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join(', ');
  throw new RegistryError(42201, `The review policy is {required, owner, reviewers, approvals, commentHours}; wrong: ${at}`);
}

/** The policy in force for a subject: its own, its context's, or that for all; without one nothing is reviewed. */
export function reviewPolicyOf(scopes: Scopes, subject: string): ReviewPolicy {
  const parsed = shape.safeParse(scopes.inForce('review', subject) ?? { required: false });
  const { owner, ...policy } = parsed.success ? parsed.data : shape.parse({ required: true });
  return { ...policy, ...(owner === undefined ? {} : { owner }) };
}

/** What a draft still needs before it is published, each as a sentence; empty where nothing is missing. */
export function missingSteps(draft: Draft, policy: ReviewPolicy, now: number): string[] {
  if (draft.state === 'published') return [];
  if (draft.state === 'rejected' || draft.state === 'withdrawn') return [`a new draft, since this one was ${draft.state}`];
  const missing: string[] = [];
  if (draft.state === 'draft') missing.push('its author submits it for review');
  const left = policy.approvals - draft.approvedBy.length;
  const who = policy.reviewers.length === 0 ? 'an approver' : `one of ${policy.reviewers.join(', ')}`;
  if (left > 0) missing.push(`${left} approval${left === 1 ? '' : 's'} by ${who} other than ${draft.author}`);
  const until = draft.commentsUntil ?? (draft.state === 'draft' ? now + policy.commentHours * 3_600_000 : now);
  if (until > now) missing.push(`the comment period ends (${new Date(until).toISOString()})`);
  return [...missing, `${publisherOf(draft, policy)} promotes it`];
}

/** Who publishes a draft, in words: the owner of its subject, or where the owner wrote it (or there is none) anybody but the author. */
export function publisherOf({ author }: Draft, { owner }: ReviewPolicy): string {
  return owner === undefined || owner === author ? `another person than ${author}` : owner;
}

/** See {@link publisherOf}. */
export function mayPublish({ author }: Draft, { owner }: ReviewPolicy, user: string): boolean {
  return user !== author && (owner === undefined || owner === author || owner === user);
}
