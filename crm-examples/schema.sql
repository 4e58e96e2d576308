-- SPDX-License-Identifier: GPL-2.0-or-later
-- What index.php counts in. To be run once, on the active server alone: replication takes it to
-- the other one.
CREATE DATABASE IF NOT EXISTS site;
CREATE TABLE IF NOT EXISTS site.counter (
  name VARCHAR(32) PRIMARY KEY,
  value BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB;
INSERT IGNORE INTO site.counter VALUES ('visits', 0);
