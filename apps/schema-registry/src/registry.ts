import type { Impact } from './changes/impact.js';
import type { LintReports } from './changes/lint-reports.js';
import type { Registration } from './changes/register.js';
import type { Review } from './changes/review.js';
import type { Safety } from './changes/safety.js';
import type { Store } from './store/store.js';

/** Everything that the doors work with. */
export interface Registry {
  readonly store: Store;
  readonly registration: Registration;
  readonly safety: Safety;
  readonly review: Review;
  readonly lintReports: LintReports;
  readonly impact: Impact;
  /** What the registry says of itself. */
  readonly about: { readonly clusterId: string; readonly version: string };
}
