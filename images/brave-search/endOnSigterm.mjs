// The kernel gives process 1 no signal that it does not handle, and the package handles none.
process.once("SIGTERM", () => process.exit(0));
