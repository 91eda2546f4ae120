const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** The model that a path is about, if it is about one. */
export const modelIn = (path: string): string | undefined => {
  const [, first, second, third] = path.split('/');
  const model = first === 'v2' && second === 'models' ? third : first === 'models' ? second : undefined;
  return model === undefined || model === '' ? undefined : decoded(model);
};
