import { readFileSync } from 'node:fs';
import { functionArn } from './workflow.ts';

const kebab = (token: string): string =>
  token
    .replace(/FunctionArn$/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** A definition from `state-machines/`, each `${…FunctionArn}` replaced by the ARN of the function of that name. */
export const readDefinition = (name: string): Record<string, unknown> => {
  const text = readFileSync(new URL(`../../state-machines/${name}.asl.json`, import.meta.url), 'utf8');
  return JSON.parse(text.replaceAll(/\$\{([A-Za-z]+FunctionArn)\}/g, (_, token: string) => functionArn(kebab(token))));
};
