import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CompactSign, compactVerify, createLocalJWKSet, importJWK, type JSONWebKeySet } from 'jose';
import { readKeySet, seal, verify } from '#envelope';
import { SEALED_AT, sealInput, testIssuer } from '#testkit';

const issuer = testIssuer();
const jwks = { keys: [issuer.published, testIssuer('GE/GOV/0002').published] };
let envelope: string;
let payload: string;
let forged: string;
let folder: string;

beforeAll(async () => {
  const sealed = await seal(sealInput(), issuer.sealer, SEALED_AT);
  if (!sealed.ok) throw new Error('the fixture cannot be sealed');
  envelope = sealed.envelope.toString('latin1');
  const [head = '', body = '', tail = ''] = envelope.split('.');
  payload = Buffer.from(body, 'base64url').toString('utf8');
  forged = `${head}.${Buffer.from(payload.replace('"updated"', '"created"')).toString('base64url')}.${tail}`;
  folder = mkdtempSync(join(tmpdir(), 'khidi-interop-'));
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(jwks));
  writeFileSync(join(folder, 'envelope'), envelope);
  writeFileSync(join(folder, 'forged'), forged);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a tool says of the envelope or of the forged one: the payload that it vouches for, or undefined where it refuses. */
function ask(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Runs the test where the tool is at hand, and prints a line where it is not. */
function itWith(tool: string, present: boolean, name: string, test: () => void): void {
  if (!present) process.stdout.write(`skipped: ${tool} is not installed, interoperability with it is not shown\n`);
  (present ? it : it.skip)(`${name} (${tool})`, test, 60_000);
}

const PYTHON = `
import sys
from jwcrypto import jwk, jws
token = jws.JWS()
token.deserialize(open(sys.argv[1]).read())
token.verify(jwk.JWKSet.from_json(open('jwks.json').read()))
sys.stdout.buffer.write(token.payload)
`;

const JAVA = `
import com.nimbusds.jose.*;
import com.nimbusds.jose.crypto.*;
import com.nimbusds.jose.jwk.*;
import java.io.File;
import java.nio.file.*;
class Verify {
  public static void main(String[] args) throws Exception {
    JWSObject jws = JWSObject.parse(Files.readString(Path.of(args[0])));
    JWKSet set = JWKSet.load(new File("jwks.json"));
    ECKey key = set.getKeyByKeyId(jws.getHeader().getKeyID()).toECKey();
    if (!jws.verify(new ECDSAVerifier(key))) System.exit(1);
    System.out.write(jws.getPayload().toBytes());
    System.out.flush();
  }
}
`;

/** The jar of Nimbus JOSE+JWT and what it needs, where a Maven build left it on this machine. */
function nimbus(): string | undefined {
  const versions = join(homedir(), '.m2/repository/com/nimbusds/nimbus-jose-jwt');
  const jars = existsSync(versions)
    ? readdirSync(versions).map((version) => join(versions, version, `nimbus-jose-jwt-${version}.jar`))
    : [];
  return jars.filter(existsSync).at(-1);
}

describe('when our envelope is verified with the tools of others, by the published keys alone', () => {
  it('holds for jose (npm), and the forged one does not', async () => {
    const keys = createLocalJWKSet(jwks as unknown as JSONWebKeySet);
    const verified = await compactVerify(envelope, keys, { algorithms: ['ES256'] });
    expect(Buffer.from(verified.payload).toString('utf8')).toBe(payload);
    expect(verified.protectedHeader).toMatchObject({ alg: 'ES256', typ: 'khidi-record+jwt', kid: issuer.published.kid });
    await expect(compactVerify(forged, keys)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });

  itWith('jose', answers('jose', ['alg']), "holds for Debian's jose, and the forged one does not", () => {
    const args = (file: string) => ['jws', 'ver', '-i', file, '-k', 'jwks.json', '-O', '-'];
    expect([ask('jose', args('envelope')), ask('jose', args('forged'))]).toEqual([payload, undefined]);
  });

  const python = process.env.KHIDI_PYTHON ?? 'python3';
  itWith(
    'jwcrypto',
    answers(python, ['-c', 'import jwcrypto']),
    "holds for Python's jwcrypto, and the forged one does not",
    () => {
      expect([ask(python, ['-c', PYTHON, 'envelope']), ask(python, ['-c', PYTHON, 'forged'])]).toEqual([payload, undefined]);
    },
  );

  const jar = nimbus();
  itWith(
    'nimbus-jose-jwt',
    jar !== undefined && answers('java', ['-version']),
    "holds for Java's Nimbus, and the forged one does not",
    () => {
      writeFileSync(join(folder, 'Verify.java'), JAVA);
      const args = (file: string) => ['-cp', [jar, folder].join(delimiter), 'Verify.java', file];
      expect([ask('java', args('envelope')), ask('java', args('forged'))]).toEqual([payload, undefined]);
    },
  );
});

describe('when somebody else seals by our rules', () => {
  it('our verifier accepts what jose (npm) signed', async () => {
    const key = await importJWK({ ...issuer.key.privateKey.export({ format: 'jwk' }), alg: 'ES256' });
    const header = { alg: 'ES256', typ: 'khidi-record+jwt', kid: issuer.published.kid, iat: SEALED_AT.getTime() / 1000 };
    const foreign = await new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(key);
    expect(verify(Buffer.from(foreign), { keys: readKeySet(jwks), now: SEALED_AT })).toMatchObject({ ok: true });
  });
});
