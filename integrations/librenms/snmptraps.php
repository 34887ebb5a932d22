<?php

// SPDX-License-Identifier: ISC
// Entries for 'trap_handlers' in LibreNMS' config/snmptraps.php.
// Rendered by integrations/render. Not run against the real thing.

return [
    'trap_handlers' => [
        'FTP-AUTH-HEALTH-MIB::ftpAuthLoginRefused' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthLoginRecovered' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthUnreachable' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthReachable' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthAtRisk' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthAtRiskCleared' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthSyncChanged' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthCertExpiring' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthCertRenewed' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthDegraded' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthDegradedCleared' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthMassFailure' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthMassRecovered' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthHeartbeat' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthAgentStarted' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
        'FTP-AUTH-HEALTH-MIB::ftpAuthAgentStopping' => \LibreNMS\Snmptrap\Handlers\FtpAuthHealth::class,
    ],
];
