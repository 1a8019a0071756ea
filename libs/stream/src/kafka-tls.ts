import type { SecureContext } from 'node:tls';
import { FaultError } from '#faults';
import { readTlsFiles, tlsContextOf } from '#settings';

/** Paths of PEM files: who signs the brokers' certificates, our own certificate, and its private key. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where Kafka is, and as whom it is asked; without `tls` in plain text and as nobody. */
export interface KafkaPlace {
  readonly brokers: readonly string[];
  readonly tls?: TlsFiles;
}

/**
 * Where the settings of a service say that Kafka is. Throws SETTINGS_INVALID where only some of the three files are named or one
 * cannot be used, and KEY_FILE_EXPOSED where others can read the key: better no start than one in plain text.
 */
export function kafkaAt(settings: {
  readonly brokers: readonly string[];
  readonly kafkaCa: string;
  readonly kafkaCert: string;
  readonly kafkaKey: string;
}): KafkaPlace {
  const { brokers, kafkaCa: ca, kafkaCert: cert, kafkaKey: key } = settings;
  const named = [ca, cert, key].filter((file) => file !== '').length;
  if (named === 0) return { brokers };
  if (named < 3) {
    throw new FaultError(
      'SETTINGS_INVALID',
      'KHIDI_KAFKA_CA, KHIDI_KAFKA_CERT and KHIDI_KAFKA_KEY are all needed, or none of them',
    );
  }
  const tls = { ca, cert, key };
  new TlsCredentials(tls).context();
  return { brokers, tls };
}

/**
 * What a connection proves itself with. The files are looked at for each new connection, so that a certificate is renewed without a
 * restart: by replacing the files.
 */
export class TlsCredentials {
  private known: { readonly text: string; readonly context: SecureContext } | undefined;

  constructor(private readonly files: TlsFiles) {}

  /** Throws SETTINGS_INVALID and KEY_FILE_EXPOSED. */
  context(): SecureContext {
    const texts = readTlsFiles(this.files);
    const text = [texts.ca, texts.cert, texts.key].join('\n');
    if (this.known?.text !== text) this.known = { text, context: tlsContextOf(this.files, texts) };
    return this.known.context;
  }
}
