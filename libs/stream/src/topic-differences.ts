import type { TopicPlan } from './plan.js';

/** What Kafka says about one topic, by setting: the value in force, and whether it was set on the topic itself. */
export type TopicSettings = ReadonlyMap<string, { readonly value: string; readonly own: boolean }>;

/** One setting of a topic that is not as planned. */
export interface TopicDifference {
  readonly topic: string;
  readonly setting: string;
  /** What is in force; undefined where Kafka does not know the setting. */
  readonly is: string | undefined;
  readonly planned: string;
}

/** Every planned setting that a topic has otherwise, in the order of the plan. A topic of which nothing is known has none. */
export const differencesOf = (plan: TopicPlan, found: ReadonlyMap<string, TopicSettings>): readonly TopicDifference[] =>
  plan.topics.flatMap(({ name, config }) => {
    const settings = found.get(name);
    if (settings === undefined) return [];
    return Object.entries(config).flatMap(([setting, planned]) => {
      const is = settings.get(setting)?.value;
      return is !== undefined && plain(is) === plain(planned) ? [] : [{ topic: name, setting, is, planned }];
    });
  });

/** A list means the same in any order. */
const plain = (value: string): string =>
  value
    .split(',')
    .map((one) => one.trim())
    .sort()
    .join(',');
