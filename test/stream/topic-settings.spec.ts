import { alterTopics, kafkaClient, type StreamClient, type TopicPlan, topicDifferences } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';

const log = createLogger('test', 'error');
const planOf = (partitions: number, config: Readonly<Record<string, string>>): TopicPlan => ({
  messageMaxBytes: 1_000_000,
  topics: [{ name: 'sealed.x', role: 'sealed', partitions, config }],
});
const MADE = { 'cleanup.policy': 'delete', 'retention.ms': '86400000', 'min.insync.replicas': '1', 'segment.ms': '3600000' };
const PLANNED = { 'cleanup.policy': 'compact,delete', 'retention.ms': '172800000' };

describe('when a topic exists with other settings than planned', () => {
  let broker: TestBroker;
  let client: StreamClient;
  const address = () => ({ brokers: [broker.address], clientId: 'test', log });
  beforeAll(async () => {
    broker = await startBroker();
    client = kafkaClient(address());
    await client.admin.ensureTopics(planOf(2, MADE));
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    await broker?.stop();
  });

  it('is named, and altered when asked: what was set beside stays, and so do its partitions', async () => {
    const differences = [
      { topic: 'sealed.x', setting: 'cleanup.policy', is: 'delete', planned: 'compact,delete' },
      { topic: 'sealed.x', setting: 'retention.ms', is: '86400000', planned: '172800000' },
    ];
    await client.admin.ensureTopics(planOf(4, PLANNED));
    expect(await topicDifferences(address(), planOf(4, PLANNED))).toEqual(differences);
    expect(await alterTopics(address(), planOf(4, PLANNED))).toEqual(differences);
    expect(await topicDifferences(address(), planOf(4, PLANNED))).toEqual([]);
    expect(await alterTopics(address(), planOf(4, PLANNED))).toEqual([]);
    expect(await topicDifferences(address(), planOf(2, { 'segment.ms': '1' }))).toMatchObject([{ is: '3600000' }]);
    await expect(client.admin.checkTopics(planOf(4, PLANNED))).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
  });

  it('says nothing of one that is missing', async () => {
    const { topics, ...rest } = planOf(1, PLANNED);
    const plan = { ...rest, topics: topics.map((topic) => ({ ...topic, name: 'nowhere' })) };
    expect(await topicDifferences(address(), plan)).toEqual([]);
  });
});
