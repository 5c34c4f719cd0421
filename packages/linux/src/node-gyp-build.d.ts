declare module "node-gyp-build" {
  export default function load(packageRoot: string): unknown;
}
