-- Apart from the change itself, so that the look at every row holds up nobody's writing.
alter table categories validate constraint categories_slug_check;
alter table products validate constraint products_slug_check;
alter table products validate constraint products_category;
