# Terraform and the pipelines: rules over what is written in them; Terraform's own validation where the tool is at hand.
set -e
PATH="$PWD/node_modules/.bin:$PATH"
node tools/cloud/install.ts
node test/cloud/run.ts
