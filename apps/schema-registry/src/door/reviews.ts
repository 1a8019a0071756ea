import { USUAL_DAYS } from '../changes/impact.js';
import { removeVersion } from '../changes/remove.js';
import { putScope } from '../changes/settings-of-scopes.js';
import type { Registry } from '../registry.js';
import { RegistryError } from '../registry-error.js';
import { readReviewPolicy, reviewPolicyOf } from '../steps/review-policy.js';
import { scopeName } from '../subject-name.js';
import { versionBody } from './answers.js';
import type { Call } from './call.js';
import { readVersion } from './call.js';
import { subjectOf, versionOf } from './find.js';
import { changes, type Route, reads, watches } from './route.js';

const STEPS = {
  submit: ['developer'],
  comment: ['reader', 'developer', 'approver'],
  approve: ['approver'],
  override: ['approver'],
  reject: ['approver'],
  withdraw: ['developer'],
} as const;

/** Review before publication: ours, beside Confluent's paths. */
export const REVIEW_ROUTES: readonly Route[] = [
  reads('/subjects/*/review', (registry, call) => ({
    body: reviewPolicyOf(registry.store.scopes, subjectOf(registry, call.path(1))),
  })),
  changes('PUT', '/subjects/*/review', [], async ({ store }, call) => {
    const policy = readReviewPolicy(call.json());
    await putScope(store, 'review', scopeName(call.path(1)), policy, call.caller.user);
    return { body: policy };
  }),

  reads('/drafts', ({ store }, call) => ({
    body: call.page(store.drafts.all().map(({ schema: _, ...draft }) => draft)),
  })),
  reads('/subjects/*/drafts', (registry, call) => ({
    body: call.page(registry.store.drafts.of(subjectOf(registry, call.path(1)))),
  })),
  watches('/subjects/*/drafts/*', async (registry, call) => {
    const subject = subjectOf(registry, call.path(1));
    const draft = await registry.review.view(subject, numberOf(call));
    return { body: { ...draft, impact: await registry.impact.of(subject) } };
  }),
  watches('/subjects/*/impact', async (registry, call) => {
    const days = call.text('days');
    return { body: await registry.impact.of(subjectOf(registry, call.path(1)), days === undefined ? USUAL_DAYS : Number(days)) };
  }),
  changes('POST', '/subjects/*/drafts', ['developer'], async (registry, call) => {
    const request = call.registration();
    await registry.store.fresh();
    return { body: await registry.review.draft(subjectOf(registry, call.path(1)), request, call.caller, reasonIn(call)) };
  }),

  ...Object.entries(STEPS).map(([step, roles]) =>
    changes('POST', `/subjects/*/drafts/*/${step}`, roles, async (registry, call) => {
      await registry.store.fresh();
      return { body: await take(step as keyof typeof STEPS, registry, call) };
    }),
  ),
  changes('POST', '/subjects/*/drafts/*/promote', ['developer', 'approver'], async (registry, call) => {
    await registry.store.fresh();
    const stored = await registry.review.promote(subjectOf(registry, call.path(1)), numberOf(call), call.caller, reasonIn(call));
    return { body: versionBody(stored) };
  }),

  changes('POST', '/subjects/*/versions/*/deprecate', ['developer', 'approver'], async (registry, call) => {
    await registry.store.fresh();
    const { subject, version } = versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)));
    return { body: versionBody(await registry.review.deprecate(subject, version, call.caller, reasonIn(call))) };
  }),
  changes('POST', '/subjects/*/versions/*/retire', ['approver'], async (registry, call) => {
    await registry.store.fresh();
    const { subject, version, deprecated } = versionOf(registry, subjectOf(registry, call.path(1)), readVersion(call.path(3)));
    if (deprecated !== true) throw new RegistryError(42221, 'A version is deprecated before it is retired.');
    const options = { permanent: false, by: call.caller.user, reason: reasonIn(call) };
    return { body: await removeVersion(registry.store, subject, version, options) };
  }),
];

async function take(step: keyof typeof STEPS, registry: Registry, call: Call): Promise<unknown> {
  const { review } = registry;
  const at = [subjectOf(registry, call.path(1)), numberOf(call), call.caller, reasonIn(call)] as const;
  switch (step) {
    case 'submit':
      return review.submit(...at);
    case 'comment':
      return review.comment(...at);
    case 'approve':
      return review.approve(...at);
    case 'override':
      return review.override(...at);
    case 'reject':
      return review.end(...at, 'rejected');
    case 'withdraw':
      return review.end(...at, 'withdrawn');
  }
}

function numberOf(call: Call): number {
  const which = call.path(3);
  if (!/^[1-9][0-9]{0,8}$/.test(which)) throw new RegistryError(40403, 'A draft has a number from 1.');
  return Number(which);
}

/** From the query, or the member `reason` of the body. */
function reasonIn(call: Call): string {
  const sent = call.text('reason');
  if (sent !== undefined) return sent;
  const { reason } = call.bytes.length === 0 ? {} : call.json();
  return typeof reason === 'string' ? reason : '';
}
