// Everything that changes a cart in Redis: one script on one key, so that each change is one round trip and one step, in a cluster too.
import { redisScript } from "#platform/redis/redis.ts";

/** How many names of things done once a cart remembers, of each kind; the oldest go first. */
const memoryMax = 100;
const transfersMax = 20;

/**
 * ARGV: operation, actor, now and lifetime in ms, a number from 0 to 255, then what the operation wants. It answers with an outcome, the cart
 * as JSON, and what else belongs to it. Every operation writes once at most, and last: one that fails has changed nothing.
 *
 * Numbers are written by string.format: cjson keeps 14 digits, and a version has 16. cjson writes an empty list as {}, so lists are
 * put together here.
 */
export const cartScript = redisScript(`
local key, op, user = KEYS[1], ARGV[1], ARGV[2]
local now, life, chance = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local function list(values, encode)
  local parts = {}
  for i, value in ipairs(values) do parts[i] = encode(value) end
  return '[' .. table.concat(parts, ',') .. ']'
end
local function item(i)
  return string.format('{"productId":%s,"variantId":%s,"quantity":%d}', cjson.encode(i.productId), cjson.encode(i.variantId), i.quantity)
end
local function numbers(values)
  return list(values, function(n) return string.format('%d', n) end)
end
local function transfer(t)
  return string.format('{"id":%s,"moved":%s%s}', cjson.encode(t.id), numbers(t.moved), t.refused and ',"refused":true' or '')
end
local function once(a)
  return string.format('{"name":%s,"meaning":%s,"outcome":%s}', cjson.encode(a.name), cjson.encode(a.meaning), cjson.encode(a.outcome))
end
local function parcel(o)
  return string.format('{"id":%s,"to":%s,"items":%s}', cjson.encode(o.id), cjson.encode(o.to), list(o.items, item))
end
local function encode(c)
  local parts = {
    '"userId":' .. cjson.encode(user),
    '"version":' .. string.format('%.0f', c.version),
    '"items":' .. list(c.items, item),
  }
  if c.expiresAtMs then parts[#parts + 1] = '"expiresAtMs":' .. string.format('%.0f', c.expiresAtMs) end
  if c.moved then parts[#parts + 1] = '"moved":true' end
  if c.out then parts[#parts + 1] = '"out":' .. parcel(c.out) end
  if #c.consumed > 0 then parts[#parts + 1] = '"consumed":' .. list(c.consumed, cjson.encode) end
  if #c.added > 0 then parts[#parts + 1] = '"added":' .. list(c.added, once) end
  if #c.received > 0 then parts[#parts + 1] = '"received":' .. list(c.received, transfer) end
  return '{' .. table.concat(parts, ',') .. '}'
end

local text = redis.call('GET', key)
local found = text and cjson.decode(text) or nil
if found and found.userId ~= user then return {'foreign', false, ''} end
local cart = found or {version = 0}
cart.items, cart.consumed = cart.items or {}, cart.consumed or {}
cart.added, cart.received = cart.added or {}, cart.received or {}
if cart.expiresAtMs and cart.expiresAtMs <= now then
  if #cart.items > 0 then cart.version = cart.version + 1 end
  cart.items, cart.expiresAtMs, cart.out = {}, nil, nil
end
local held = #cart.items

local function write()
  local json = encode(cart)
  redis.call('SET', key, json, 'PX', string.format('%.0f', cart.expiresAtMs and cart.expiresAtMs - now or life))
end
local function renew()
  cart.version = math.max(cart.version + 1, now * 256 + chance)
  cart.expiresAtMs = #cart.items > 0 and now + life or nil
end
local function answer(outcome, more)
  return {outcome, encode(cart), more or '', held, #cart.items}
end
local function keep(values, value, max)
  values[#values + 1] = value
  while #values > max do table.remove(values, 1) end
end
local function find(items, variant)
  for i, one in ipairs(items) do if one.variantId == variant then return i end end
end
local function take(variant, quantity)
  local at = find(cart.items, variant)
  if not at then return end
  local left = cart.items[at].quantity - quantity
  if left > 0 then cart.items[at].quantity = left else table.remove(cart.items, at) end
end

if op == 'receive' then
  local id, items, mode = ARGV[6], cjson.decode(ARGV[7]), ARGV[8]
  local itemsMax, quantityMax = tonumber(ARGV[9]), tonumber(ARGV[10])
  for _, one in ipairs(cart.received) do
    if one.id == id then return answer(one.refused and 'refused' or 'done', numbers(one.moved)) end
  end
  local moved, any = {}, false
  for i = 1, #items do moved[i] = 0 end
  if mode == 'take' then
    if cart.moved then return answer('moved') end
    if cart.out then return answer('pending', parcel(cart.out)) end
    for i, one in ipairs(items) do
      local at = find(cart.items, one.variantId)
      if at then
        moved[i] = math.max(0, math.min(one.quantity, quantityMax - cart.items[at].quantity))
        cart.items[at].quantity = cart.items[at].quantity + moved[i]
      elseif #cart.items < itemsMax then
        moved[i] = one.quantity
        cart.items[#cart.items + 1] = {productId = one.productId, variantId = one.variantId, quantity = one.quantity}
      end
      any = any or moved[i] > 0
    end
  elseif cart.moved then
    return answer('refused', numbers(moved))
  end
  local refused = mode == 'refuse' or nil
  keep(cart.received, {id = id, moved = moved, refused = refused}, ${transfersMax})
  if any then renew() end
  write()
  return answer(refused and 'refused' or 'done', numbers(moved))
end

if op == 'settle' then
  local id, moved = ARGV[6], cjson.decode(ARGV[7])
  if not cart.out or cart.out.id ~= id then return answer('done') end
  local any = false
  for i, one in ipairs(cart.out.items) do
    if (moved[i] or 0) > 0 then any = true; take(one.variantId, moved[i]) end
  end
  cart.out = nil
  if any then renew() end
  write()
  return answer('done')
end

if op == 'take-in' then
  if found and not cart.moved then return answer('present') end
  local given = cjson.decode(ARGV[6])
  cart.version = math.max(cart.version + 1, given.version)
  cart.items, cart.consumed, cart.expiresAtMs = given.items, given.consumed, given.expiresAtMs
  cart.moved, cart.out = nil, nil
  write()
  return answer('done')
end

if op == 'release' then
  if not cart.moved then return answer('done') end
  cart.items, cart.consumed, cart.added, cart.expiresAtMs = {}, {}, {}, nil
  write()
  return answer('done')
end

if op == 'seal' then
  if cart.moved then return answer('done') end
  if cart.out then return answer('pending', parcel(cart.out)) end
  cart.moved = true
  write()
  return answer('done')
end

if cart.moved then return answer('moved') end
if cart.out then return answer('pending', parcel(cart.out)) end

if op == 'touch' then
  if not found then return {'absent', false, '', 0, 0} end
  if cart.expiresAtMs and now + life - cart.expiresAtMs >= tonumber(ARGV[6]) then
    local before = cart.expiresAtMs
    cart.expiresAtMs = now + life
    -- A store that takes no changes can still be read.
    local reply = redis.pcall('SET', key, encode(cart), 'PX', string.format('%.0f', life))
    if reply.err then cart.expiresAtMs = before end
  end
  return answer('done')
end

if op == 'add' then
  local product, variant, quantity = ARGV[6], ARGV[7], tonumber(ARGV[8])
  local itemsMax, quantityMax, name, meaning = tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11], ARGV[12]
  if name ~= '' then
    for _, one in ipairs(cart.added) do
      if one.name == name then return answer(one.meaning == meaning and one.outcome or 'reused') end
    end
  end
  local at = find(cart.items, variant)
  local outcome = 'done'
  if (at and cart.items[at].quantity or 0) + quantity > quantityMax then outcome = 'quantity-limit'
  elseif not at and #cart.items >= itemsMax then outcome = 'line-limit'
  elseif at then cart.items[at].quantity = cart.items[at].quantity + quantity
  else cart.items[#cart.items + 1] = {productId = product, variantId = variant, quantity = quantity} end
  if name ~= '' then keep(cart.added, {name = name, meaning = meaning, outcome = outcome}, ${memoryMax}) end
  if outcome == 'done' then renew() end
  if outcome == 'done' or name ~= '' then write() end
  return answer(outcome)
end

if op == 'set' then
  local product, variant, quantity = ARGV[6], ARGV[7], tonumber(ARGV[8])
  local choices, at, first = 0, nil, nil
  for i, one in ipairs(cart.items) do
    if one.productId == product and (variant == '' or one.variantId == variant) then
      choices = choices + 1
      at = i
      if one.variantId == product then first = i end
    end
  end
  if choices ~= 1 then at = first end
  if not at then return answer('not-found') end
  if quantity == 0 then table.remove(cart.items, at)
  elseif cart.items[at].quantity == quantity then return answer('done')
  else cart.items[at].quantity = quantity end
  renew()
  write()
  return answer('done')
end

if op == 'clear' then
  if #cart.items == 0 then return answer('done') end
  cart.items = {}
  renew()
  write()
  return answer('done')
end

if op == 'consume' then
  local order, bought = ARGV[6], cjson.decode(ARGV[7])
  for _, one in ipairs(cart.consumed) do if one == order then return answer('done') end end
  for _, one in ipairs(bought) do take(one.variantId, one.quantity) end
  keep(cart.consumed, order, ${memoryMax})
  renew()
  write()
  return answer('done')
end

if op == 'offer' then
  if #cart.items == 0 then return answer('nothing') end
  cart.out = {id = ARGV[6], to = ARGV[7], items = cart.items}
  write()
  return answer('done', parcel(cart.out))
end

return redis.error_reply('There is no operation ' .. op)
`);
