import { readFileSync } from 'node:fs';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler({ definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')) });
