import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform, type PlatformApi } from './open-platform.ts';
import { readStage, STAGE_OPTIONS } from './stage-access.ts';

/** Commands that ask a stage's platform API for one thing and say what came of it. */

const text = { type: 'string' } as const;

interface Asked {
  readonly words: readonly string[];
  readonly reason: string | undefined;
  readonly flags: Readonly<Record<string, boolean>>;
}

interface PlatformCommand {
  readonly usage: string;
  /** Its own flags. */
  readonly flags?: readonly string[];
  /** Checks what was given, before anything is asked. */
  readonly prepare: (
    asked: Asked,
  ) => (api: PlatformApi) => Promise<{ readonly told: string; readonly answer: unknown }>;
}

/** Runs a command of `MODEL` or `MODEL@VERSION` with `--reason`, `--json` and where its stage is. */
export const runPlatformCommand = async ({ usage, flags = [], prepare }: PlatformCommand): Promise<void> => {
  const flag = { type: 'boolean', default: false } as const;
  const own = Object.fromEntries(flags.map((name) => [name, flag]));
  const { values, words } = readCommandLine({ ...STAGE_OPTIONS, reason: text, json: flag, help: flag, ...own }, usage);
  if (values.help) {
    console.log(usage);
    return;
  }
  await carryOut(async () => {
    const given = values as Readonly<Record<string, unknown>>;
    const reason = values.reason;
    const asked = { words, reason, flags: Object.fromEntries(flags.map((name) => [name, given[name] === true])) };
    const ask = prepare(asked);
    const { stage, access } = await readStage(values);
    const { told, answer } = await ask(await openPlatform(stage.name, access));
    console.log(values.json ? JSON.stringify(answer, null, 2) : told);
  }, usage);
};
