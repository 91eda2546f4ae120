import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deserialize, serialize } from 'node:v8';
import type { AssemblyRequest } from './assemble.ts';

/**
 * One process that synthesises for all test files of a run, which ask it over a socket: the CDK takes seconds to load,
 * and its first synthesis takes three times as long as its next ones.
 */
export type AssemblerRequest = AssemblyRequest | { readonly models: string; readonly bundles?: string | undefined };
export type AssemblerAnswer =
  | { readonly folder: string }
  | { readonly error: { readonly name: string; readonly message: string } };

const PROGRAM = join(import.meta.dirname, 'assembler-main.ts');

type Waiting = Map<number, (answer: AssemblerAnswer) => void>;

const startProcess = (waiting: Waiting, environment: NodeJS.ProcessEnv): ChildProcess => {
  const child = fork(PROGRAM, [], { env: environment, execArgv: [], serialization: 'advanced' });
  child.on('message', ({ id, answer }: { readonly id: number; readonly answer: AssemblerAnswer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  child.on('exit', (code) => {
    const message = `the process that synthesises for the tests ended with ${code}`;
    for (const answer of waiting.values()) answer({ error: { name: 'Error', message } });
    waiting.clear();
  });
  return child;
};

/** Listens on a socket; the process is started when it is first asked. */
export const openAssembler = (socketPath: string, environment: NodeJS.ProcessEnv): { close(): void } => {
  const waiting: Waiting = new Map();
  let child: ChildProcess | undefined;
  let lastId = 0;
  const ask = (request: AssemblerRequest): Promise<AssemblerAnswer> => {
    child ??= startProcess(waiting, environment);
    lastId += 1;
    const id = lastId;
    const answered = new Promise<AssemblerAnswer>((resolve) => waiting.set(id, resolve));
    child.send({ id, request });
    return answered;
  };
  const server = createServer(async (message, response) => {
    response.end(serialize(await ask(deserialize(await buffer(message)) as AssemblerRequest)));
  });
  server.listen(socketPath);
  server.unref();
  return {
    close: () => {
      child?.kill();
      server.close();
    },
  };
};

const post = (socketPath: string, body: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const asked = sendRequest({ socketPath, method: 'POST' }, (answer: IncomingMessage) => {
      buffer(answer).then(resolve, reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });

/** @returns the folder of the assembly. @throws what the synthesis threw, by name and message. */
export const askAssembler = async (socketPath: string, request: AssemblerRequest): Promise<string> => {
  const answer = deserialize(await post(socketPath, serialize(request))) as AssemblerAnswer;
  if ('folder' in answer) return answer.folder;
  throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
};
