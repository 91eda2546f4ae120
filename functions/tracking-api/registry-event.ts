import type { EventDetail } from '../../shared/contracts/events.ts';
import type { MlflowCall } from './mlflow-route.ts';

type Change = Omit<EventDetail<'Registry Changed'>, 'workspace'>;
type Data = Change['data'];

/** An event has 256 kB at most, and texts of the registry may be longer. */
const MOST_CHARACTERS = 50_000;
const LONGEST_TEXT = 10_000;

const cut = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);

/** The data as it is, or with its long texts cut, or at last without its tags. */
const fitted = (data: Data): Data => {
  if (JSON.stringify(data).length <= MOST_CHARACTERS) return data;
  const short = Object.entries(data).map(([name, value]): [string, Data[string]] => {
    if (value === null || typeof value === 'string') return [name, value === null ? null : cut(value)];
    return [name, Object.fromEntries(Object.entries(value).map(([key, text]) => [key, cut(text)]))];
  });
  const cutData = Object.fromEntries(short);
  if (JSON.stringify(cutData).length <= MOST_CHARACTERS) return cutData;
  return Object.fromEntries(short.filter(([, value]) => value === null || typeof value === 'string'));
};

/**
 * Tells that the registry changed, once it has. The change stands whether or not it is told: a client that heard of a
 * failure would do again what is done already.
 */
export const announce = async ({ ports, workspace, request }: MlflowCall, change: Change): Promise<void> => {
  const { entity, action } = change;
  try {
    await ports.events.publish('Registry Changed', { workspace, entity, action, data: fitted(change.data) });
  } catch (error) {
    const message = `a change of the registry was not announced: ${String(error)}`;
    const { requestId } = request;
    console.log(JSON.stringify({ level: 'WARN', message, requestId, workspace, entity, action }));
  }
};
