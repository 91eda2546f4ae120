import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareServices, renderServiceTable, withServiceTable } from './render.ts';

/** `npm run table`: writes what each service tells of itself into infra/local/README.md. */
const path = join(import.meta.dirname, '../../../infra/local/README.md');
const table = renderServiceTable(await compareServices());
writeFileSync(path, withServiceTable(readFileSync(path, 'utf8'), table));
