/** The commands of `millrace`, in the order in which its help tells them. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The module that runs it; by its own name if it has none here. */
  readonly module?: string;
  /** It needs the CDK, whose TypeScript Node does not run by itself. */
  readonly needsCdk?: boolean;
}

export const COMMANDS: readonly Command[] = [
  { name: 'status', summary: 'what the models of a stage are doing' },
  { name: 'pages', summary: 'the models of a stage as pages for a browser' },
  { name: 'report', summary: 'what the daily check of a model found' },
  { name: 'acknowledge', summary: 'says that a notification was seen, or lists them' },
  { name: 'train', summary: 'asks for a training run' },
  { name: 'approve', summary: 'approves a version that waits for a person, or rejects it' },
  { name: 'promote', summary: 'gives a canary all traffic, or brings a version to another stage' },
  { name: 'rollout', summary: 'starts another canary of an approved version' },
  { name: 'rollback', summary: 'gives the traffic back to what served before, within seconds' },
  { name: 'why', summary: 'why a prediction came out as it did' },
  { name: 'logs', summary: "what a model's function and workflow wrote" },
  { name: 'retire', summary: 'takes a version out of use' },
  { name: 'register', summary: 'brings a model that was trained elsewhere' },
  { name: 'reproduce', summary: 'trains a version again and compares the bytes' },
  { name: 'audit', summary: 'verifies, lists or exports the audit log' },
  { name: 'score', summary: "a model's ML Test Score, with what it rests on" },
  { name: 'attest', summary: 'vouches for an item of the score that nothing records' },
  { name: 'token', summary: 'tokens of the tracking API' },
  { name: 'keys', summary: "API keys of the prediction API's clients" },
  { name: 'usage', summary: 'what clients used of models' },
  { name: 'load', summary: "brings a model's first data to a stage" },
  { name: 'doctor', summary: 'what is wrong with a deployment' },
  { name: 'cost', summary: 'what a stage costs while idle', needsCdk: true },
  { name: 'collect', summary: 'collects files that nothing refers to', module: 'collect-garbage' },
  { name: 'restore', summary: 'brings tables and objects back to an earlier instant' },
];

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** Edits that a slip of the fingers needs at most. */
const MOST_EDITS = 3;

/** The command that was probably meant: Levenshtein's distance, or a name that begins so. */
export const nearestCommand = (word: string): string | undefined => {
  const begins = COMMANDS.filter(({ name }) => word.length >= 2 && name.startsWith(word));
  if (begins.length === 1) return begins[0]?.name;
  const [best] = COMMANDS.map(({ name }) => ({ name, edits: distance(word, name) })).toSorted(
    (a, b) => a.edits - b.edits,
  );
  return best !== undefined && best.edits <= Math.min(MOST_EDITS, Math.ceil(word.length / 2)) ? best.name : undefined;
};

export const overview = (): string => {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return `millrace COMMAND [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

  --stage S       which stage (default dev); local is that of npm start
  --endpoint URL  an embedded cloud at another address than http://127.0.0.1:4566
  --region R, --profile P   as the AWS CLI takes them; else from the environment
  --json          for programs

millrace COMMAND --help says more. A command ends with 0 when it is done, 1 when it was refused or failed, 2 when it was
written wrongly.`;
};
