import type { Fields } from './fields.ts';

/** What the readers of an operation asked for: option paths, with the reason of those that have no effect. */
export interface Recording {
  readonly supported: Set<string>;
  readonly ignored: Map<string, string>;
  readonly required: Set<string>;
}

/** How a recorded run answers a reader. */
export interface RecordingMode {
  /** Options that are answered with something; the others are absent. */
  readonly gives: (option: string) => boolean;
  /** Which of a choice's allowed values is answered, counted round. */
  readonly choice: number;
  /** A run in which every option is absent: whoever is required there is required always. */
  readonly bare: boolean;
}

/** Stands for a request's body in a recorded run. `readFields` and DynamoDB's readers know it. */
export class RecordedInput {
  readonly recording: Recording;
  readonly mode: RecordingMode;
  readonly place: string;
  constructor(recording: Recording, mode: RecordingMode, place = '') {
    this.recording = recording;
    this.mode = mode;
    this.place = place;
  }
}

/** Ends a recorded run where a real one would begin to act. */
export class RecordingDone extends Error {
  override readonly name = 'RecordingDone';
}

const TEXT = 'x';

const recorderOf = (input: RecordedInput): Fields => {
  const { recording, mode } = input;
  const at = (name: string): string => (input.place === '' ? name : `${input.place}.${name}`);
  const given = <T>(name: string, value: T): T | undefined => {
    recording.supported.add(at(name));
    return mode.gives(at(name)) ? value : undefined;
  };
  // A structure's own options are told even where the structure is absent: the run through it is thrown away.
  const inside = <T>(name: string, suffix: string, read: (fields: Fields) => T): T | undefined => {
    recording.supported.add(at(name));
    const inner = new RecordedInput(recording, mode, at(name) + suffix);
    try {
      return given(name, read(recorderOf(inner)));
    } catch (error) {
      if (mode.gives(at(name))) throw error;
      return undefined;
    }
  };
  return {
    raw: (name) => {
      given(name, undefined);
      return undefined;
    },
    refuse: (name, why) => new Error(`${at(name)} ${why}`) as ReturnType<Fields['refuse']>,
    text: (name) => given(name, TEXT),
    requiredText: (name) => {
      given(name, TEXT);
      if (mode.bare) recording.required.add(at(name));
      return TEXT;
    },
    number: (name) => given(name, 1),
    integer: (name, { min, max }) => given(name, mode.choice % 2 === 0 ? min : max),
    flag: (name) => given(name, true),
    instant: (name) => given(name, 0),
    choice: (name, allowed) => given(name, allowed[mode.choice % allowed.length]),
    texts: (name) => given(name, [TEXT]),
    textMap: (name) => given(name, { [TEXT]: TEXT }),
    object: (name, read) => inside(name, '', read),
    list: (name, read) => {
      const item = inside(name, '[]', read);
      return item === undefined ? undefined : [item];
    },
    objectMap: (name, read) => {
      const value = inside(name, '{}', read);
      return value === undefined ? undefined : { [TEXT]: value };
    },
    accept: (...names) => {
      for (const name of names) recording.ignored.set(at(name), '');
    },
    ignore: (reason, ...names) => {
      for (const name of names) recording.ignored.set(at(name), reason);
    },
  } as Fields;
};

/** Runs a reader to learn what it reads. @throws RecordingDone at its end, or what the reader threw */
export const recordFields = (input: RecordedInput, read: (fields: Fields) => unknown): never => {
  read(recorderOf(input));
  throw new RecordingDone();
};
