import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { startOwnServer } from './own-server.ts';

/** A Redis and a PostgreSQL that accept only TLS with a password. Their certificate is for the name `localhost`. */
export interface TlsServers {
  readonly redisUrl: string;
  readonly adminDatabaseUrl: string;
  /** The file of the certificate that signs theirs. */
  readonly authority: string;
  discard(): Promise<void>;
}

const RELOADED_WITHIN_MS = 10_000;

/** Starts both servers with a new certificate. Needs `openssl`. */
export async function startTlsServers(): Promise<TlsServers> {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-tls-'));
  chmodSync(folder, 0o755);
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
  ], { stdio: 'pipe' });
  const [redis, postgres] = await Promise.all([startOwnServer('redis'), startOwnServer('postgres')]);
  const discard = async (): Promise<void> => {
    await Promise.all([redis.discard(), postgres.discard()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return {
      redisUrl: await closeRedis(redis.url, { certificate, key }), adminDatabaseUrl: await closePostgres(postgres.url, { certificate, key }),
      authority: certificate, discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** Makes Redis refuse everything but TLS with a password. Resolves with its new URL. */
async function closeRedis(url: string, { certificate, key }: Files): Promise<string> {
  const [port, password] = [await freePort(), randomBytes(12).toString('hex')];
  const redis = new Redis(url);
  try {
    await redis.config('SET', 'tls-cert-file', certificate, 'tls-key-file', key, 'tls-ca-cert-file', certificate, 'tls-auth-clients', 'no', 'tls-port', port);
    await redis.config('SET', 'requirepass', password, 'port', 0);
  } finally {
    redis.disconnect();
  }
  return `rediss://:${password}@localhost:${port}`;
}

/** Makes PostgreSQL refuse everything but TLS with a password. Resolves with its new URL. */
async function closePostgres(url: string, { certificate, key }: Files): Promise<string> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    const { rows: [place] } = await admin.query<{ data: string; hba: string }>(
      "SELECT current_setting('data_directory') AS data, current_setting('hba_file') AS hba");
    const { data = '', hba = '' } = place ?? {};
    const { uid, gid } = statSync(data);
    for (const [file, name] of [[certificate, 'server.crt'], [key, 'server.key']] as const) {
      copyFileSync(file, join(data, name));
      chownSync(join(data, name), uid, gid);
      chmodSync(join(data, name), 0o600);
    }
    writeFileSync(hba, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
    await admin.query('ALTER SYSTEM SET ssl = on');
    await admin.query('SELECT pg_reload_conf()');
  } finally {
    await admin.end();
  }
  const closed = new URL(url);
  closed.hostname = 'localhost';
  closed.search = `sslmode=verify-full&sslrootcert=${encodeURIComponent(certificate)}`;
  await untilRefused(url);
  return closed.href;
}

/** The server reads its settings again some time after it was told to. */
async function untilRefused(url: string): Promise<void> {
  for (const untilMs = Date.now() + RELOADED_WITHIN_MS; ; await sleep(25)) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
    } catch {
      return;
    } finally {
      await client.end();
    }
    if (Date.now() > untilMs) throw new Error('PostgreSQL did not read its settings again');
  }
}
