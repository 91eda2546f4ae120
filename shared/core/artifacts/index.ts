export { joinArtifactPath, localFileName, parseArtifactPath } from './artifact-path.ts';
export { type ArtifactLocation, type ArtifactSpace, artifactSpace } from './artifact-space.ts';
