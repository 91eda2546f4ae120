import { randomBytes } from 'node:crypto';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { createWorkspacePorts, VARIABLES } from './workspace-ports.ts';

const env = readEnv(VARIABLES);
const clock = { nowMs: () => Date.now() };
const newId = (): string => randomBytes(16).toString('hex');

export const handler = createHandler({ portsOf: createWorkspacePorts({ env, clock, newId }), clock, newId });
