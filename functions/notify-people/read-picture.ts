import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import { performanceReportKey } from '../../shared/contracts/performance-report.ts';
import { testReportKey } from '../../shared/contracts/test-suite.ts';
import {
  type NotificationEvent,
  type NotificationRecord,
  type PictureFacts,
  pictureOf,
} from '../../shared/core/notifications/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** A report that the platform itself wrote; undefined where there is none of the day. */
const readReport = async (data: Pick<ArtifactStore, 'get'>, key: string): Promise<unknown> => {
  try {
    return JSON.parse(new TextDecoder().decode(await data.get(key)));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

const KEYS: Readonly<
  Partial<Record<NotificationEvent, readonly [keyof PictureFacts, (model: string, day: string) => string]>>
> = {
  drift: ['drift', driftReportKey],
  quality: ['performance', performanceReportKey],
  tests: ['tests', testReportKey],
};

/** The figure that explains an episode, from the reports of its day; undefined where there is none. */
export const readPicture = async (
  data: Pick<ArtifactStore, 'get'>,
  { model, event, day }: NotificationRecord,
): Promise<string | undefined> => {
  const place = KEYS[event];
  if (place === undefined || day === undefined) return undefined;
  const [name, keyOf] = place;
  return pictureOf(event, { [name]: await readReport(data, keyOf(model, day)) } as PictureFacts);
};
