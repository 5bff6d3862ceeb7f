// Kafka's own jars from Maven Central. A Java runtime runs them unchanged.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { findOnPath, run } from '../process/run.ts';
import { workspaceRoot } from '../workspace.ts';
import type { StartContext } from './service.ts';

const VERSION = '4.1.0';
const JAVA_MIN = 17;
const DOCKER_IMAGE = `apache/kafka:${VERSION}`;

const FIXES = `no Kafka to be had; any one of these helps:
  - install a Java runtime (${JAVA_MIN} or newer) and Maven, such as: apt-get install openjdk-17-jre-headless maven
  - start Docker, so that ${DOCKER_IMAGE} can run
  - set KAFKA_BROKERS to a Kafka that runs, such as 127.0.0.1:9092`;

/** The way in which Kafka runs here. */
export type KafkaProgram = { readonly source: string } & (
  | { readonly kind: 'java'; readonly java: string; readonly jars: string }
  | { readonly kind: 'docker'; readonly docker: string; readonly image: string; readonly container: string }
);

/** Its jars under Java if Java and Maven are available, otherwise a container. Otherwise an error with remedies. */
export async function kafkaProgram(context: StartContext): Promise<KafkaProgram> {
  const tried: string[] = [];
  try {
    const java = await findJava();
    const jars = await fetchJars(context);
    return { kind: 'java', java, jars, source: `Kafka ${VERSION} from its jars` };
  } catch (error) {
    tried.push((error as Error).message);
  }
  const docker = findOnPath('docker');
  if (docker !== undefined) {
    const folder = createHash('sha256').update(context.dataDir).digest('hex').slice(0, 12);
    const container = `aisle-kafka-${folder}`;
    try {
      await run(docker, ['version', '--format', '{{.Server.Version}}']);
      await run(docker, ['rm', '--force', container]).catch(() => undefined);
      context.note(`starting ${DOCKER_IMAGE} with Docker`);
      return { kind: 'docker', docker, image: DOCKER_IMAGE, container, source: `Docker (${DOCKER_IMAGE})` };
    } catch (error) {
      tried.push(`Docker failed: ${(error as Error).message}`);
    }
  }
  throw new Error([FIXES, ...tried.map((line) => `  (${line})`)].join('\n'));
}

async function findJava(): Promise<string> {
  const java = findOnPath('java');
  if (java === undefined) throw new Error('java is not on PATH');
  const output = await run(java, ['-version']);
  const major = Number(/version "(\d+)/.exec(output)?.[1]);
  if (!(major >= JAVA_MIN)) throw new Error(`${java} is older than ${JAVA_MIN}: ${output.split('\n')[0]}`);
  return java;
}

/** The folder of the jars, which are downloaded if missing. All data folders of the workspace share it. */
async function fetchJars({ note }: StartContext): Promise<string> {
  const folder = join(workspaceRoot, '.aisle', 'kafka');
  const jars = join(folder, `jars-${VERSION}`);
  if (existsSync(jars)) return jars;
  const maven = findOnPath('mvn');
  if (maven === undefined) throw new Error('mvn is not on PATH');

  note(`fetching Kafka ${VERSION} with Maven, about 45 MB`);
  mkdirSync(folder, { recursive: true });
  const fresh = mkdtempSync(join(folder, 'fetch-'));
  try {
    writeFileSync(join(fresh, 'pom.xml'), pom());
    const target = join(fresh, 'jars');
    await run(
      maven,
      ['--batch-mode', '--quiet', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`],
      { cwd: fresh },
    );
    renameSync(target, jars);
  } catch (error) {
    // Another process may have been faster; its copy is as good.
    if (!existsSync(jars)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return jars;
}

function pom(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>aisle</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
}
