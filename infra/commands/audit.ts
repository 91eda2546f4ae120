import type { AuditFinding, AuditRecord, StoredRecord } from '../../shared/core/audit/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { carryOut, readOptions, verbOf } from './command-line.ts';
import { type OpenAudit, openAudit } from './open-audit.ts';
import { STAGE_OPTIONS, STAGE_USAGE, withStage } from './stage-access.ts';
import { type ChainVerdict, readHeads, readRecords, verifyModel, verifyStage } from './verify-audit.ts';

const USAGE = `millrace audit verify [--model M]
millrace audit list [--model M]
millrace audit export --model M
  ${STAGE_USAGE}

The audit log: who changed what of a model's governance and deployment, one chain of records a model, its head sealed
daily under S3 Object Lock. verify holds every chain against its hashes and the sealed heads, every version's item
against the chain, and every file against its manifest; it names what was changed, removed, put in between or moved, and
ends with 1 if anything was. list shows the chains, or the records of one; export writes those as JSON, one a line.
A model of another workspace than the default one is named W/name. --endpoint takes an embedded cloud.`;

const text = { type: 'string' } as const;
const [verb = '', ...rest] = process.argv.slice(2);
const values = readOptions(
  {
    model: text,
    ...STAGE_OPTIONS,
    help: { type: 'boolean', default: false },
  },
  USAGE,
  verb.startsWith('-') ? [verb, ...rest] : rest,
);

const describe = ({ model, problem, message }: AuditFinding): string =>
  `${model || '(no model)'}: ${problem}: ${message}`;

const summary = ({ model, recordCount, versionCount, fileCount, sealedCount, findings }: ChainVerdict): string => {
  const looked = `${recordCount} records, ${versionCount} versions, ${fileCount} files, ${sealedCount} sealed heads`;
  return `${model || '(no model)'}: ${looked}: ${findings.length === 0 ? 'as they were written' : `${findings.length} findings`}`;
};

const verify = async (audit: OpenAudit): Promise<void> => {
  const { model } = values;
  const verdicts = model === undefined ? verifyStage(audit) : [await verifyModel(audit, model, await audit.sealed())];
  for await (const verdict of verdicts) {
    console.log(summary(verdict));
    for (const finding of verdict.findings) console.log(`  ${describe(finding)}`);
    if (verdict.findings.length > 0) process.exitCode = 1;
  }
};

const line = ({ seq, atMs, principal, action, before, after, reason }: AuditRecord): string => {
  const states = [before === undefined ? '' : `${JSON.stringify(before)} →`, after ? JSON.stringify(after) : ''];
  return [seq, isoTime(atMs), principal, action, ...states, reason ?? ''].filter((part) => part !== '').join('  ');
};

const recordsOf = async function* (audit: OpenAudit, model: string): AsyncGenerator<StoredRecord> {
  let found = false;
  for await (const stored of readRecords(audit.log, model)) {
    found = true;
    yield stored;
  }
  if (!found) throw new InvalidRequestError(`no record is about ${model}; millrace audit list names the models`);
};

const list = async (audit: OpenAudit): Promise<void> => {
  const { model } = values;
  if (model === undefined) {
    const heads = await readHeads(audit.log);
    if (heads.length === 0) console.log('no records');
    for (const { model: name, head } of heads) {
      console.log(head === 'malformed' ? `${name}: its head was tampered with` : `${name}: ${head.seq} records`);
    }
    return;
  }
  for await (const { position, record } of recordsOf(audit, model)) {
    console.log(record === undefined ? `${position}  (not of a record's form)` : line(record));
  }
};

const exportRecords = async (audit: OpenAudit): Promise<void> => {
  if (values.model === undefined) throw new InvalidRequestError('--model is required');
  for await (const { position, record } of recordsOf(audit, values.model)) {
    console.log(JSON.stringify(record ?? { seq: position, malformed: true }));
  }
};

const VERBS: Readonly<Record<string, (audit: OpenAudit) => Promise<void>>> = { verify, list, export: exportRecords };

const main = async (): Promise<void> => {
  const command = verbOf(VERBS, verb);
  await withStage(values, openAudit, command);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
