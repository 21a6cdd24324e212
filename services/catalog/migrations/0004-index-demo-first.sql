-- The order in which the hipstershop contract lists products.
create index products_demo_first on products (is_demo, created_at, id) where deleted_at is null;
