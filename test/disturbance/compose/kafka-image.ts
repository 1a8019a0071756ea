/*
 * What the image apache/kafka does with its environment (its own page: "Using environment variables"): KAFKA_A_B=v becomes the
 * setting a.b=v, three underscores a hyphen, two an underscore.
 */

const NOT_SETTINGS = ['KAFKA_HEAP_OPTS'];

/** The settings that the image makes of its environment. */
export function settingsOf(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_') && !NOT_SETTINGS.includes(name))
    .map(([name, value]) => {
      const setting = name.slice('KAFKA_'.length).toLowerCase();
      return `${setting.replaceAll('___', '-').replaceAll('__', '\0').replaceAll('_', '.').replaceAll('\0', '_')}=${value}\n`;
    })
    .join('');
}

/** Formats the storage where that was not done, and starts the broker, both as the image's own script does. */
export const startScript = (java: string, settings: string, heap: string, clusterId: string): string => `
exec 2>&1
if [ ! -f /var/lib/kafka/data/meta.properties ]; then
  ${java} -Xmx128m -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --cluster-id=${clusterId} -c ${settings} || exit 1
fi
exec ${java} ${heap} -cp '/opt/kafka/libs/*' kafka.Kafka ${settings}
`;
