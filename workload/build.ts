import { build } from "esbuild";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Bundles the server into `dist/`: index.js, worker.js, migrate.js and roles.js need Node and nothing else.
 * The page is built into `dist/public` by Vite and left alone here. Run: `npm run build [-- DIRECTORY]`.
 */
export async function buildServer(outdir: string): Promise<void> {
  const here = __dirname;
  await build({
    entryPoints: ["index", "worker", "migrate", "roles"].map((name) =>
      join(here, `server/${name}.ts`),
    ),
    outdir,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // ES modules first: what is not used can then be left out.
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "warning",
    // Optional extras of pg and ws, looked for and not needed.
    external: ["pg-native", "bufferutil", "utf-8-validate"],
    // The migration tool can load TypeScript; ours are SQL, and the compiler would be 2 MB.
    alias: { jiti: join(here, "server/noJiti.ts") },
  });
  // What an earlier build left there would be applied, though it is no migration any more.
  await rm(join(outdir, "migrations"), { recursive: true, force: true });
  await cp(join(here, "migrations"), join(outdir, "migrations"), { recursive: true });
  await cp(join(here, "database-indexes.sql"), join(outdir, "database-indexes.sql"));
}

if (require.main === module) {
  void buildServer(process.argv[2] ?? join(__dirname, "dist"));
}
