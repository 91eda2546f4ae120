import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { carryOut, readOptions, verbOf } from './command-line.ts';
import { type OpenTrackingTokens, openTrackingTokens } from './open-tracking-tokens.ts';
import { STAGE_OPTIONS, STAGE_USAGE, withStage } from './stage-access.ts';
import { tokenTable } from './token-table.ts';

const USAGE = `millrace token create --name NAME [--workspace W]... [--role read|write|admin] [--days N]
millrace token list
millrace token revoke --name NAME
  ${STAGE_USAGE}

Tokens of the tracking API. A token is for the workspaces named (default: default; '*' for all), as reader, writer
(default) or administrator, for N days or until it is revoked; its text is shown once, only a digest of it is stored.
MLflow takes it as MLFLOW_TRACKING_TOKEN, or as MLFLOW_TRACKING_PASSWORD with its name as MLFLOW_TRACKING_USERNAME.
The API keeps what it knows of a token for five minutes: so long a revoked one may still pass.
--endpoint takes an embedded cloud, such as that of npm start (--stage local).`;

const text = { type: 'string' } as const;
const [verb = '', ...rest] = process.argv.slice(2);
const values = readOptions(
  {
    name: text,
    workspace: { ...text, multiple: true, default: ['default'] },
    role: { ...text, default: 'write' },
    days: text,
    ...STAGE_OPTIONS,
    help: { type: 'boolean', default: false },
  },
  USAGE,
  verb.startsWith('-') ? [verb, ...rest] : rest,
);

const requiredName = (): string => {
  if (values.name === undefined) throw new InvalidRequestError('--name is required');
  return values.name;
};

const daysMs = (): number | undefined => {
  if (values.days === undefined) return undefined;
  const days = Number(values.days);
  if (Number.isInteger(days) && days >= 1 && days <= 3_650) return days * DAY_MS;
  throw new InvalidRequestError(`--days must be a whole number in [1, 3650], got ${values.days}`);
};

const create = async (tokens: OpenTrackingTokens): Promise<void> => {
  const createdAtMs = Date.now();
  const lifeMs = daysMs();
  const token = newTrackingToken({
    name: requiredName(),
    workspaces: values.workspace,
    role: values.role,
    createdAtMs,
    ...(lifeMs === undefined ? {} : { expiresAtMs: createdAtMs + lifeMs }),
  });
  // The text alone on standard output, so that it can be piped to where secrets are kept.
  console.log(await tokens.issue(token));
  console.error(`token of ${token.name}, ${token.role}, for ${token.workspaces.join(', ')}: shown this once`);
};

const list = async (tokens: OpenTrackingTokens): Promise<void> => {
  const all = await tokens.list();
  console.log(all.length === 0 ? 'no tokens' : tokenTable(all, Date.now()));
};

const revoke = async (tokens: OpenTrackingTokens): Promise<void> => {
  const name = requiredName();
  await tokens.revoke(name, Date.now());
  console.log(`the token of ${name} is revoked; the API forgets it within five minutes`);
};

const VERBS: Readonly<Record<string, (tokens: OpenTrackingTokens) => Promise<void>>> = { create, list, revoke };

const main = async (): Promise<void> => {
  const command = verbOf(VERBS, verb);
  if (command !== list) requiredName();
  await withStage(values, openTrackingTokens, command);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
