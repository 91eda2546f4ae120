import { AttestBody, AttestedBody } from '../../shared/contracts/ml-test-score.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ATTESTATION_DAYS, requireItem } from '../../shared/core/ml-test-score/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace attest MODEL ITEM --note TEXT [--json]
  ${STAGE_USAGE}

Vouches for an item of a model's ML Test Score that the platform has no record of, such as data-5: that its test was
done by hand, and where that is written down. It counts for half a point for ${ATTESTATION_DAYS} days, and who said so and when
stands in the audit log. The items: millrace score MODEL.`;

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, note: text, json: flag, help: flag }, USAGE);

const main = async (): Promise<void> => {
  const [, item, ...more] = words;
  const model = readModelName(words.slice(0, 1));
  if (item === undefined) throw new InvalidRequestError('which item? Such as data-5: millrace score MODEL lists them');
  if (more.length > 0) throw new InvalidRequestError(`one item at a time, got ${words.slice(1).join(' ')}`);
  requireItem(item);
  if (values.note === undefined) throw new InvalidRequestError('--note is required: it says what was done, and where');
  if (values.note.trim() === '') throw new InvalidRequestError('--note must say something');
  const { note } = parse(AttestBody, { note: values.note }, '--note');
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const answer = parse(
    AttestedBody,
    await api.post(`/models/${model}/ml-test-score/${item}/attest`, { note }),
    'the answer',
  );
  const until = new Date(answer.expiresAtMs).toISOString().slice(0, 10);
  console.log(
    values.json ? JSON.stringify(answer, null, 2) : `${answer.by} vouches for ${item} of ${model} until ${until}`,
  );
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
