# Bad links between the processes of the shop: one fault of every edge; `node test/links/links.ts` plays all faults of all edges.
PATH="$PWD/node_modules/.bin:$PATH" node test/links/links.ts --count 54
