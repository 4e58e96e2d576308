<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// Which server answers, a counter in the database, a file's time: /var/www/html/index.php.
// Every wait is short, so that a visitor never hangs while the service changes servers.

const CONNECT_WAIT = 1;  // seconds
const ANSWER_WAIT = 2;

function next_visit(): int
{
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $db = mysqli_init();
    $db->options(MYSQLI_OPT_CONNECT_TIMEOUT, CONNECT_WAIT);
    $db->options(MYSQLI_OPT_READ_TIMEOUT, ANSWER_WAIT);
    $db->real_connect(null, null, null, 'site');
    $db->query("UPDATE counter SET value = LAST_INSERT_ID(value + 1) WHERE name = 'visits'");
    return $db->insert_id;
}

header('Content-Type: text/plain; charset=utf-8');
header('Cache-Control: no-store');
try {
    $line = 'visit: ' . next_visit();
} catch (mysqli_sql_exception $error) {
    http_response_code(503);
    header('Retry-After: 1');
    $line = 'The database is away at the moment: ' . $error->getMessage();
}
echo 'server: ', gethostname(), "\n";
echo $line, "\n";
echo 'file: ', basename(__FILE__), ' of ', gmdate('Y-m-d H:i:s', filemtime(__FILE__)), " UTC\n";
