import type { DocumentPath, Parsed } from './syntax.ts';
import { createTokenCursor } from './token-cursor.ts';

/** Parses `a, b.c, #d[0]`. @throws AwsError ValidationException */
export const parseProjection = (text: string): Parsed<readonly DocumentPath[]> => {
  const cursor = createTokenCursor(text, 'ProjectionExpression');
  const paths: DocumentPath[] = [];
  do paths.push(cursor.path());
  while (cursor.accept(','));
  cursor.end();
  return { node: paths, names: cursor.names, values: cursor.values };
};
