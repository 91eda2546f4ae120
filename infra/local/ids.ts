import { randomBytes, randomUUID } from 'node:crypto';
import type { IdSource } from './contracts.ts';

/** Ids and chance from the machine: different at every run. */
export const createMachineIds = (): IdSource => ({ uuid: randomUUID, bytes: randomBytes, random: Math.random });
