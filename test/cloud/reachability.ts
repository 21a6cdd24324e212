// Who may open which port to whom, read off the rules of security groups wherever the modules put them.
import {
  placesOf,
  textOf,
  resolve,
  type Block,
  type Configuration,
  type Json,
  type Place,
} from "./configuration.ts";

/** "internet → edge/aws_security_group.load_balancer 443" */
export function openings(configuration: Configuration, direction: "ingress" | "egress"): string[] {
  const found = placesOf(configuration).flatMap((place) =>
    place.module.blocks
      .filter(({ type }) => type === `aws_vpc_security_group_${direction}_rule`)
      .flatMap((block) => openingsOf(configuration, place, block)),
  );
  return [...new Set(found)].sort();
}

function openingsOf(configuration: Configuration, place: Place, block: Block): string[] {
  const { security_group_id: own = null, from_port: port = null, to_port: last = null } = block.body;
  const isIngress = block.type.includes("ingress");
  const groups = at(configuration, place, block, own);
  const others = peersOf(configuration, place, block);
  return groups.flatMap((group) =>
    others.flatMap((other) =>
      portsOf(block, port, last).map((text) =>
        isIngress ? `${other} → ${group} ${text}` : `${group} → ${other} ${text}`,
      ),
    ),
  );
}

function peersOf(configuration: Configuration, place: Place, block: Block): string[] {
  const { referenced_security_group_id: group, prefix_list_id: list, cidr_ipv4: range } = block.body;
  if (group !== undefined) return at(configuration, place, block, group);
  if (list !== undefined)
    return JSON.stringify(list).includes("cloudfront")
      ? ["cloudfront"]
      : at(configuration, place, block, list);
  if (range === "0.0.0.0/0") return ["internet"];
  return at(configuration, place, block, range ?? null);
}

/** What a value leads to; `each.value` is what the rule goes over. */
function at(configuration: Configuration, place: Place, block: Block, value: Json): string[] {
  const text = JSON.stringify(value);
  const isEach = /\$\{each\.value(\.\w+)?\}/.test(text);
  const found = resolve(configuration, place, isEach ? (block.body["for_each"] ?? null) : value);
  return found.length > 0 ? found : [text];
}

function portsOf({ body }: Block, first: Json, last: Json): string[] {
  if (first !== last) return [`${textOf(first)} to ${textOf(last)}`];
  if (typeof first === "number") return [textOf(first)];
  const over = JSON.stringify(body["for_each"] ?? null);
  const numbers = [...over.matchAll(/\b(\d{2,5})\b/g)].map(([, number = ""]) => number);
  if (/^\$\{(each\.value|tonumber\(each\.key\))\}$/.test(textOf(first)) && numbers.length > 0) return numbers;
  return [`${textOf(first).replace(/^\$\{|\}$/g, "")}`];
}
