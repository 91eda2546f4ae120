import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { explainLater } from './explain-later.ts';
import { createHandler } from './handler.ts';
import type { HostDeps } from './inference-host.ts';
import { type Pins, readPins } from './load-served-model.ts';
import { openOnline } from './open-online.ts';
import { openServedModel } from './open-served-model.ts';
import { routeLater } from './route-later.ts';

interface Wiring {
  readonly base: Omit<HostDeps, 'servedModel'>;
  readonly client: SignedClient;
  readonly places: Readonly<Record<'ARTIFACT_BUCKET' | 'REGISTRY_TABLE' | 'AUDIT_TABLE' | 'ONLINE_TABLE', string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The handler of what a published version's environment pins: one model version, or a roster of several. */
export const openAnswer = ({ base, client, places, env }: Wiring): ReturnType<typeof createHandler> => {
  const pins = readPins(env);
  const open = (of: Pins | undefined) => openServedModel(base.model, of, client, places);
  const askedOf = (of: Pins | undefined) => ({
    ...openOnline(client, places.ONLINE_TABLE),
    ...explainLater(client, places.ARTIFACT_BUCKET, of),
  });
  const { ROSTER_DIGEST: rosterDigest, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb } = env;
  if (pins === undefined || !rosterDigest) return createHandler({ ...base, servedModel: open(pins), ...askedOf(pins) });
  return routeLater({ base, askedOf, open, client, places, pins, rosterDigest, memoryMb: Number(memoryMb) });
};
