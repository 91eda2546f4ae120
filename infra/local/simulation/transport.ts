import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import type { CallFault, CallSite, FaultSource, IdSource, LocalClock, WireResponse } from '../contracts.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { renderRefusal } from '../faults/wire-faults.ts';
import { createBufferedBody } from '../http-body.ts';
import { operationOf } from '../operation-of.ts';
import type { Scheduler } from './scheduler.ts';

/** A request in memory. */
export interface MemoryRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface MemoryResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Who calls, and what becomes of the answer there. */
export interface CallOrigin {
  readonly kind: CallSite['origin'];
  readonly caller: string;
  /** For functions: the invocation, and this call's place in it. */
  readonly invocationId?: string;
  readonly ordinal: number;
  /** False for an environment that died: its requests that have not left never leave. */
  alive(): boolean;
  /** Takes the answer, or drops or keeps it for later, as an environment that died or is frozen does. */
  receive(task: () => void): void;
  /** Ends the calling environment. Absent where there is none. */
  kill?(): void;
}

/** Requests to the cloud without sockets: each call, and each answer, happens in the turn that the seed draws. */
export interface Transport {
  /** `reply` is given the answer, or the error of a connection that broke. */
  send(origin: CallOrigin, request: MemoryRequest, reply: (answer: MemoryResponse | Error) => void): void;
}

export interface TransportOptions {
  readonly scheduler: Scheduler;
  readonly clock: LocalClock;
  readonly ids: IdSource;
  readonly faults: FaultSource;
  readonly dispatch: () => Dispatcher;
  readonly onEvent: (line: string) => void;
  /** Told of every call that was served, when its effect has happened and before anybody knows the answer. */
  readonly onServed?: (site: CallSite, request: MemoryRequest, response: MemoryResponse) => void;
}

const wholeBody = async (body: WireResponse['body']): Promise<Buffer> => {
  if (!(body instanceof Readable)) return Buffer.from(body ?? '');
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
};

const inMemory = async ({ status, headers, body }: WireResponse): Promise<MemoryResponse> => {
  const bytes = await wholeBody(body);
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) lower[name.toLowerCase()] = value;
  if (status !== 204 && status !== 304) lower['content-length'] ??= String(bytes.length);
  return { status, headers: lower, body: bytes };
};

const brokenConnection = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const siteOf = (origin: CallOrigin, request: MemoryRequest): CallSite => {
  const { kind, caller, invocationId, ordinal } = origin;
  const callId = request.headers['amz-sdk-invocation-id'];
  return {
    origin: kind,
    caller,
    ordinal,
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(callId === undefined ? {} : { callId }),
    ...operationOf(request, () => request.body.toString('utf8')),
  };
};

export const createTransport = (options: TransportOptions): Transport => {
  const { scheduler, clock, ids, faults, dispatch, onEvent, onServed } = options;

  const answerOf = async (
    site: CallSite,
    request: MemoryRequest,
    fault: CallFault | undefined,
  ): Promise<MemoryResponse> => {
    if (fault?.kind === 'throttle' || fault?.kind === 'server-error') {
      return inMemory(renderRefusal(fault.kind, site.service, { headers: request.headers, requestId: ids.uuid() }));
    }
    const { method, target, headers, body } = request;
    const work = async () => inMemory(await dispatch()({ method, target, headers, body: createBufferedBody(body) }));
    return clock.during(`${site.service}:${site.operation}`, work);
  };

  return {
    send: (origin, request, reply) => {
      const site = siteOf(origin, request);
      const name = `${site.caller} ${site.service}:${site.operation}`;
      const answer = (value: MemoryResponse | Error): void => {
        const shown = value instanceof Error ? value.message : value.status;
        const put = origin.kind === 'client' ? scheduler.addLast : scheduler.add;
        put(`answer ${name} ${shown}`, () => origin.receive(() => reply(value)));
      };
      const arrive = async (fault: CallFault | undefined): Promise<void> => {
        const response = await answerOf(site, request, fault);
        onServed?.(site, request, response);
        if (fault?.kind === 'kill-after' && origin.kill) origin.kill();
        else if (fault?.kind === 'lost-answer') answer(brokenConnection());
        else if (fault?.kind === 'slow') {
          clock.at(clock.nowMs() + fault.delayMs, `slow answer ${name}`, () => answer(response));
        } else answer(response);
      };
      scheduler.add(`call ${name}`, () => {
        if (!origin.alive()) return onEvent(`call ${name} never left`);
        const fault = faults.call(site);
        if (fault) onEvent(`fault ${fault.kind} ${name}`);
        if (fault?.kind === 'kill-before' && origin.kill) return origin.kill();
        // The dispatcher renders every failure; one that comes through all the same breaks the connection.
        arrive(fault).catch((error: unknown) => answer(error instanceof Error ? error : brokenConnection()));
      });
    },
  };
};
