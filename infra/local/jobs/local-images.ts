import { AwsError } from '../contracts.ts';

/** Image URI → the command that stands for it on this machine. */
export type LocalImages = Readonly<Record<string, readonly string[]>>;

/** Reads `MILLRACE_LOCAL_IMAGES`, a JSON object of image URI → command. */
export const readLocalImages = (text: string | undefined): LocalImages => {
  if (text === undefined || text === '') return {};
  const wrong = (why: string): Error =>
    new Error(`MILLRACE_LOCAL_IMAGES must be a JSON object of image URI → command array: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`got ${text.slice(0, 100)}`);
  for (const [image, command] of Object.entries(value)) {
    const isCommand = Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string');
    if (!isCommand) throw wrong(`${image} is ${JSON.stringify(command)}`);
  }
  return value as LocalImages;
};

/** There is no container runtime here: an image runs if somebody said what stands for it. */
export const commandOfImage = (images: LocalImages, image: string): readonly string[] => {
  const command = images[image];
  if (command) return command;
  const known = Object.keys(images);
  const list = known.length === 0 ? 'none is given' : `known are ${known.join(', ')}`;
  throw new AwsError(
    'CannotPullContainerError',
    `CannotPullContainerError: image ${image} has no local command in MILLRACE_LOCAL_IMAGES: ${list}`,
  );
};
