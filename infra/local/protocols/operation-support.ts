import { Readable } from 'node:stream';
import type { OperationSupport, WireRequest } from '../contracts.ts';
import { RecordedInput, type Recording, RecordingDone, type RecordingMode } from './recorded-fields.ts';

/**
 * Says which operations a service offers and which of their options, from the code that serves them: each operation
 * is run with an input that records what `readFields` asks it for and ends the run where the operation would begin to
 * act. The table in `infra/local/README.md` is generated from this.
 *
 * How a service takes part:
 * - `createJsonHandler`, `createQueryHandler` and `createRestHandler` give the handler a property `operations`. A
 *   service that wraps its handler hands it on: `Object.assign(wrapped, { operations: handler.operations })`.
 * - REST routes name their query parameters in the route, `'GET /schedules?MaxResults&NextToken'`; another parameter
 *   is refused. What a body may hold is recorded from `call.json()`.
 * - A reader, the function given to `readFields`, only reads: it looks nothing up and changes nothing, since options
 *   that it leaves unread are refused only after it. One that must judge several options together answers a function
 *   that does (`gap` tells of readers that stopped before their end).
 * - Options that are accepted without effect are named with a reason: `fields.ignore('why', 'Tags')`.
 * - An operation that reads its input by other means calls `recordOptions(input, names)` first.
 */

/** Enough to see every value of the choices that decide which other options are read. */
const CHOICES = 8;
/** Runs with every other option, differently each time: readers that want one of two options stop in the runs before. */
const MIXED = 24;

const mixed =
  (round: number) =>
  (option: string): boolean => {
    let hash = round + 1;
    for (const character of option) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
    return ((Math.imul(hash, 0x9e3779b1) >>> 16) & 1) === 1;
  };

const MODES: readonly RecordingMode[] = [
  { gives: () => false, choice: 0, bare: true },
  ...Array.from({ length: CHOICES }, (_, choice) => ({ gives: () => true, choice, bare: false })),
  ...Array.from({ length: MIXED }, (_, round) => ({ gives: mixed(round), choice: round, bare: false })),
];

const NO_REASON = '';

const refuse = (): never => {
  throw new RecordingDone();
};

/** Stands for the request in a recorded run: whoever reads its body by itself ends the run. */
export const RECORDED_REQUEST: WireRequest = {
  method: 'POST',
  url: new URL('http://recorded.localhost/'),
  headers: {},
  body: Readable.from([]),
  readBody: async () => refuse(),
  caller: { arn: 'arn:aws:iam::000000000000:user/local', accessKeyId: 'local' },
  requestId: 'recorded',
};

/** For readers that check names by a list of their own. @throws RecordingDone in a recorded run */
export const recordOptions = (input: unknown, supported: readonly string[]): void => {
  if (!(input instanceof RecordedInput)) return;
  for (const name of supported) input.recording.supported.add(name);
  throw new RecordingDone();
};

/** Runs one operation in every mode. `run` gets the input that records. */
export const describeOperation = async (
  name: string,
  run: (input: RecordedInput) => unknown,
): Promise<OperationSupport> => {
  const recording: Recording = { supported: new Set(), ignored: new Map(), required: new Set() };
  let gap: string | undefined;
  let complete = false;
  for (const mode of MODES) {
    try {
      await run(new RecordedInput(recording, mode));
      complete = true;
    } catch (error) {
      if (error instanceof RecordingDone) complete = true;
      else gap ??= error instanceof Error ? error.message : String(error);
    }
  }
  return {
    name,
    supported: [...recording.supported].filter((option) => !recording.ignored.has(option)).sort(),
    ignored: [...recording.ignored]
      .map(([option, reason]) => ({ option, reason: reason === NO_REASON ? 'no reason given' : reason }))
      .sort((a, b) => (a.option < b.option ? -1 : 1)),
    required: [...recording.required].filter((option) => !option.includes('.')).sort(),
    ...(complete || gap === undefined ? {} : { gap }),
  };
};
