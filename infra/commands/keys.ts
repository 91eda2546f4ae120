import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { type OpenApiKeys, openApiKeys } from './api-keys.ts';
import { carryOut, readOptions, verbOf } from './command-line.ts';
import { STAGE_OPTIONS, STAGE_USAGE, withStage } from './stage-access.ts';
import { textTable } from './text-table.ts';

const USAGE = `millrace keys list
millrace keys show --client C
millrace keys disable --client C
millrace keys enable --client C
  ${STAGE_USAGE}

API keys of the prediction API's clients. usagePlans in infra/aws/config.ts name the clients, and a deploy makes or
removes their keys. A client sends its key as x-api-key beside the signature: the key says whose limits count, not who
may call. show writes the key's text to standard output. disable refuses the key at once (403), whatever the next deploy
says of other things. --endpoint takes an embedded cloud.`;

const text = { type: 'string' } as const;
const [verb = '', ...rest] = process.argv.slice(2);
const values = readOptions(
  {
    client: text,
    ...STAGE_OPTIONS,
    help: { type: 'boolean', default: false },
  },
  USAGE,
  verb.startsWith('-') ? [verb, ...rest] : rest,
);

const requiredClient = (): string => {
  if (values.client === undefined) throw new InvalidRequestError('--client is required');
  return values.client;
};

const list = async (keys: OpenApiKeys): Promise<void> => {
  const all = await keys.list();
  const rows = all.map(({ client, id, enabled }) => [client, id, enabled ? 'enabled' : 'disabled']);
  console.log(rows.length === 0 ? 'no clients' : textTable([['CLIENT', 'KEY ID', 'STATE'], ...rows]));
};

const setEnabled = (enabled: boolean) => async (keys: OpenApiKeys) => {
  const client = requiredClient();
  await keys.setEnabled(client, enabled);
  console.log(`the key of ${client} is ${enabled ? 'enabled' : 'disabled'}`);
};

const VERBS: Readonly<Record<string, (keys: OpenApiKeys) => Promise<void>>> = {
  list,
  // The text alone, so that it can be piped to where secrets are kept.
  show: async (keys) => console.log(await keys.valueOf(requiredClient())),
  disable: setEnabled(false),
  enable: setEnabled(true),
};

const main = async (): Promise<void> => {
  const command = verbOf(VERBS, verb);
  if (command !== list) requiredClient();
  await withStage(values, openApiKeys, command);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
