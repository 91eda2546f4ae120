import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { runPlatformCommand } from './platform-command.ts';
import { readModelVersion } from './read-subject.ts';
import { STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace retire MODEL@VERSION --reason TEXT [--reinstate | --archive] [--json]
  ${STAGE_USAGE}

Takes a version out of use: a retired one is rolled out no more. --reinstate takes that back. --archive lets the files
of a retired version be collected. The version in service cannot be retired.`;

interface Moved {
  readonly lifecycle?: string;
}

const moveOf = ({ reinstate = false, archive = false }: Readonly<Record<string, boolean>>): string => {
  if (reinstate && archive) throw new InvalidRequestError('--reinstate and --archive exclude each other');
  if (reinstate) return 'reinstate';
  return archive ? 'archive' : 'retire';
};

await runPlatformCommand({
  usage: USAGE,
  flags: ['reinstate', 'archive'],
  prepare: ({ words, reason, flags }) => {
    const { model, version } = readModelVersion(words);
    if (reason === undefined) throw new InvalidRequestError('--reason is required: it stands in the audit log');
    const move = moveOf(flags);
    return async (api) => {
      const answer = (await api.post(`/models/${model}/versions/${version}/${move}`, { reason })) as Moved;
      return { answer, told: `${model}@${version} is ${answer.lifecycle ?? 'IN_USE'}` };
    };
  },
});
